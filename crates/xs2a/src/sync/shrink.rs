//! Maps that were large give their memory back.

use std::collections::HashMap;
use std::hash::Hash;

/// A map of this many entries is not worth shrinking.
const SMALL: usize = 256;

/// Gives memory back once a map is less than a quarter full. It keeps room for as many entries
/// again, so that a map whose size changes all the time is not moved all the time.
pub(super) fn shrink<K: Eq + Hash, V>(map: &mut HashMap<K, V>) {
    if map.capacity() > SMALL && map.len() < map.capacity() / 4 {
        map.shrink_to((2 * map.len()).max(SMALL));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_that_empties_gives_its_memory_back_in_few_steps() {
        let mut map: HashMap<u32, ()> = (0..100_000).map(|n| (n, ())).collect();
        let mut moves = 0;
        for n in 0..100_000 {
            map.remove(&n);
            let before = map.capacity();
            shrink(&mut map);
            moves += u32::from(map.capacity() != before);
        }
        assert!(map.capacity() <= 4 * SMALL, "{}", map.capacity());
        assert!((1..=20).contains(&moves), "{moves}");
    }
}
