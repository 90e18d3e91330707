//! Plans: the legs by which an agent means to travel, as choice makes them and the mobsim runs them.

use crate::ids::{HubIx, LineIx, LinkIx};
use crate::mode::Mode;
use crate::units::Time;
use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// What an agent means to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Main mode.
    pub mode: Mode,
    /// When it sets out.
    pub departure: Time,
    /// The legs in order.
    pub legs: Legs,
    /// Generalised cost that was expected when the plan was made, yuan.
    pub cost_cny: f64,
}

/// A leg: one mode, or a visit of a hub's processes.
#[derive(Clone, Debug, PartialEq)]
pub enum Leg {
    /// On foot for a time.
    Walk {
        /// Duration, milliseconds.
        ms: i64,
    },
    /// On a bicycle or e-bike for a time.
    Cycle {
        /// Duration, milliseconds.
        ms: i64,
    },
    /// In a road vehicle along links. An empty route stays where it is.
    Drive {
        /// Links in order.
        route: Route,
    },
    /// In a vehicle of a line, the first that has room.
    Ride {
        /// Line.
        line: LineIx,
        /// Position at which one boards.
        from: u16,
        /// Position at which one alights.
        to: u16,
    },
    /// Through the processes of a hub.
    Visit {
        /// Hub.
        hub: HubIx,
        /// Index of the chain in the hub.
        chain: u16,
    },
}

impl Leg {
    /// Its mode under the plan's main mode; `None` for a visit.
    pub fn mode(&self, main: Mode) -> Option<Mode> {
        match self {
            Leg::Walk { .. } => Some(Mode::Walk),
            Leg::Cycle { .. } => Some(Mode::Cycle),
            Leg::Drive { .. } => Some(main.of_drive()),
            Leg::Ride { .. } => Some(Mode::Transit),
            Leg::Visit { .. } => None,
        }
    }
}

/// The legs of a plan in order. Who drives from door to door has a single leg, which needs no allocation: a plan takes 48
/// bytes then, and 80 with a list.
#[derive(Clone)]
pub struct Legs(Held);

#[derive(Clone)]
enum Held {
    One(Leg),
    List(Box<[Leg]>),
}

impl From<Vec<Leg>> for Legs {
    fn from(mut legs: Vec<Leg>) -> Legs {
        match (legs.len(), legs.pop()) {
            (1, Some(leg)) => Legs(Held::One(leg)),
            (_, last) => {
                legs.extend(last);
                Legs(Held::List(legs.into()))
            }
        }
    }
}

impl From<Leg> for Legs {
    fn from(leg: Leg) -> Legs {
        Legs(Held::One(leg))
    }
}

impl Deref for Legs {
    type Target = [Leg];

    fn deref(&self) -> &[Leg] {
        match &self.0 {
            Held::One(leg) => std::slice::from_ref(leg),
            Held::List(legs) => legs,
        }
    }
}

impl<'a> IntoIterator for &'a Legs {
    type Item = &'a Leg;
    type IntoIter = std::slice::Iter<'a, Leg>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl AsRef<[Leg]> for Legs {
    fn as_ref(&self) -> &[Leg] {
        self
    }
}

impl<L: AsRef<[Leg]>> PartialEq<L> for Legs {
    fn eq(&self, other: &L) -> bool {
        **self == *other.as_ref()
    }
}

impl fmt::Debug for Legs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Links of a drive in order: a stretch of a list that plans share. The given routes of a million trips are one list of
/// 4 bytes a link; copies of a plan copy no links. 16 bytes.
#[derive(Clone)]
pub struct Route {
    links: Arc<Vec<LinkIx>>,
    first: u32,
    count: u32,
}

impl FromIterator<LinkIx> for Route {
    fn from_iter<I: IntoIterator<Item = LinkIx>>(links: I) -> Route {
        Route::from(links.into_iter().collect::<Vec<LinkIx>>())
    }
}

impl Route {
    /// A stretch of a list.
    pub fn shared(links: &Arc<Vec<LinkIx>>, stretch: Range<u32>) -> Route {
        assert!(stretch.start <= stretch.end && stretch.end as usize <= links.len(), "the stretch lies in the list");
        Route { links: links.clone(), first: stretch.start, count: stretch.end - stretch.start }
    }

    /// The list that the route is a stretch of, and where.
    pub fn place(&self) -> (&Arc<Vec<LinkIx>>, Range<u32>) {
        (&self.links, self.first..self.first + self.count)
    }
}

impl From<Vec<LinkIx>> for Route {
    fn from(links: Vec<LinkIx>) -> Route {
        let count = u32::try_from(links.len()).expect("a route of fewer than 2^32 links");
        Route { links: Arc::new(links), first: 0, count }
    }
}

impl Deref for Route {
    type Target = [LinkIx];

    fn deref(&self) -> &[LinkIx] {
        &self.links[self.first as usize..][..self.count as usize]
    }
}

impl<'a> IntoIterator for &'a Route {
    type Item = &'a LinkIx;
    type IntoIter = std::slice::Iter<'a, LinkIx>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Route {
    /// The same links, whichever lists they stand in.
    fn eq(&self, other: &Route) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_leg_is_a_list_of_one() {
        let walk = |ms| Leg::Walk { ms };
        let of = |legs: Vec<Leg>| Legs::from(legs);
        assert_eq!(of(vec![walk(1)]), [walk(1)]);
        assert_eq!(Legs::from(walk(1)), of(vec![walk(1)]));
        assert_eq!(of(vec![walk(1), walk(2)]), [walk(1), walk(2)]);
        assert!(of(Vec::new()).is_empty());
        assert_eq!((size_of::<Leg>(), size_of::<Legs>(), size_of::<Option<Plan>>()), (24, 24, 48));
    }

    #[test]
    fn a_route_is_its_links_whichever_list_they_stand_in() {
        let all = Arc::new([3, 1, 4, 1, 5].map(LinkIx).to_vec());
        let (given, own) = (Route::shared(&all, 1..3), Route::from(vec![LinkIx(1), LinkIx(4)]));
        assert_eq!(given, own);
        assert_eq!((given.len(), Arc::strong_count(&all)), (2, 2));
        assert_ne!(given, Route::shared(&all, 3..5));
        assert!(Route::shared(&all, 5..5).is_empty());
        assert_eq!((size_of::<Route>(), size_of::<Option<Route>>()), (16, 16));
    }
}
