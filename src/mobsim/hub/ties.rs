//! What users and items hand over to each other: who enters when somebody has dropped it, and who waits for whom.

use super::Entry;
use crate::scenario::hubs::HandOver;
use crate::units::Time;
use rustc_hash::FxHashMap;

/// Ties of one token.
#[derive(Clone, Debug, Default)]
struct Tie {
    /// Items that it is owed, by what they are.
    owed: [u32; 2],
    /// Who is owed this item, and as what.
    owners: Vec<(u32, HandOver)>,
    /// Who enters when it has dropped what, and not before when.
    followers: Vec<(HandOver, Time, Entry)>,
}

/// All ties, by the number of the token.
#[derive(Clone, Debug, Default)]
pub(super) struct Ties(FxHashMap<u32, Tie>);

impl Ties {
    pub fn has(&self, token: u32) -> bool {
        self.0.contains_key(&token)
    }

    pub fn owe(&mut self, token: u32, what: HandOver, item: u32) {
        self.0.entry(token).or_default().owed[what as usize] += 1;
        self.0.entry(item).or_default().owners.push((token, what));
    }

    pub fn follows(&mut self, by: u32, what: HandOver, not_before: Time, entry: Entry) {
        self.0.entry(by).or_default().followers.push((what, not_before, entry));
    }

    /// Whether a token is owed anything of a kind.
    pub fn is_owed(&self, token: u32, what: HandOver) -> bool {
        self.0.get(&token).is_some_and(|tie| tie.owed[what as usize] > 0)
    }

    /// Who enters now that a token has dropped something; everybody who waits for it when it is through without.
    pub fn dropped(&mut self, token: u32, what: Option<HandOver>) -> Vec<(Time, Entry)> {
        let Some(tie) = self.0.get_mut(&token) else { return Vec::new() };
        let goes = |f: &(HandOver, Time, Entry)| what.is_none_or(|what| f.0 == what);
        tie.followers.extract_if(.., |follower| goes(follower)).map(|(_, time, entry)| (time, entry)).collect()
    }

    /// An item is through: one debt less for each whom it is owed. Returns them.
    pub fn settled(&mut self, item: u32) -> Vec<(u32, HandOver)> {
        let Some(tie) = self.0.remove(&item) else { return Vec::new() };
        for (token, what) in &tie.owners {
            if let Some(owner) = self.0.get_mut(token) {
                owner.owed[*what as usize] -= 1;
            }
        }
        tie.owners
    }
}
