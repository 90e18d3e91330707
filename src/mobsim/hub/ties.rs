//! What users and items hand over to each other: who enters when somebody has dropped it, and who waits for whom.

use super::Entry;
use crate::scenario::hubs::HandOver;
use crate::units::Time;
use rustc_hash::FxHashMap;

/// Who enters when somebody has dropped something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Follower {
    pub what: HandOver,
    /// It enters no earlier.
    pub not_before: Time,
    /// What is dropped later never enters.
    pub not_after: Time,
    pub entry: Entry,
}

/// Ties of one token.
#[derive(Clone, Debug, Default)]
struct Tie {
    /// Items that it is owed, by what they are.
    owed: [u32; 2],
    /// Who is owed this item, and as what.
    owners: Vec<(u32, HandOver)>,
    /// Who enters when it has dropped something.
    followers: Vec<Follower>,
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

    pub fn follows(&mut self, by: u32, follower: Follower) {
        self.0.entry(by).or_default().followers.push(follower);
    }

    /// Whether a token is owed anything of a kind.
    pub fn is_owed(&self, token: u32, what: HandOver) -> bool {
        self.0.get(&token).is_some_and(|tie| tie.owed[what as usize] > 0)
    }

    /// Who enters when, now that a token has dropped something; everybody who waits for it when it is through without.
    pub fn dropped(&mut self, token: u32, what: Option<HandOver>, now: Time) -> Vec<(Time, Entry)> {
        let Some(tie) = self.0.get_mut(&token) else { return Vec::new() };
        let goes = |follower: &Follower| what.is_none_or(|what| follower.what == what);
        let dropped = tie.followers.extract_if(.., |follower| goes(follower));
        let in_time = dropped.filter(|follower| now <= follower.not_after);
        in_time.map(|follower| (follower.not_before.max(now), follower.entry)).collect()
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
