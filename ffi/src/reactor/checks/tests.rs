//! The table of checks, and its timers.

use std::time::Duration;

use super::*;

const MS: Duration = Duration::from_millis(1);

fn probes() -> [ProbeKey; 2] {
    let mut keys = SlotMap::<ProbeKey, ()>::with_key();
    [keys.insert(()), keys.insert(())]
}

/// Pops stale entries, and the next due timer.
fn pop_due(table: &mut CheckTable, now: Instant) -> Option<Due> {
    std::iter::from_fn(|| table.pop_due(now)).flatten().map(|(_, due)| due).next()
}

#[test]
fn a_check_has_one_entry_which_is_its_earliest_timer() {
    let (mut table, start, [first, second]) = (CheckTable::with_capacity(0), Instant::now(), probes());
    let check = Check::of_address(1, 100 * MS, ([127, 0, 0, 1], 1).into(), start);
    let key = table.insert(check);
    assert_eq!(table.next_timer(), None);
    table.start_probe(key, first, start, |deadline| Some(deadline - 50 * MS));
    table.start_probe(key, second, start, |deadline| Some(deadline - 60 * MS));
    table.end_probe(key, second);
    assert_eq!(pop_due(&mut table, start + 40 * MS), None);
    assert_eq!(table.pop_due(start + 50 * MS), Some(Some((key, Due::Probe(first, start + 50 * MS)))));
    table.end_probe(key, first);
    assert_eq!(pop_due(&mut table, start + 100 * MS), Some(Due::Deadline));
    assert!(table.remove(key).is_some() && table.is_empty() && table.next_timer().is_none());
}

#[test]
fn the_queue_timeout_is_a_timer_while_the_clock_is_stopped() {
    let (mut table, start, [probe, _]) = (CheckTable::with_capacity(0), Instant::now(), probes());
    let mut check = Check::of_address(1, 100 * MS, ([127, 0, 0, 1], 1).into(), start);
    check.clock = check.clock.with_queue_timeout(Some(30 * MS));
    let key = table.insert(check);
    assert_eq!(table.next_timer(), Some(start + 30 * MS));
    table.start_probe(key, probe, start + 10 * MS, |_| None);
    assert_eq!(pop_due(&mut table, start + 109 * MS), None);
    table.end_probe(key, probe);
    table.pause_clock(key, start + 50 * MS);
    assert_eq!(pop_due(&mut table, start + 69 * MS), None);
    assert_eq!(pop_due(&mut table, start + 70 * MS), Some(Due::QueueDeadline));
    assert!(table.remove(key).is_some() && table.is_empty());
}

#[test]
fn timers_at_one_time_are_due_one_after_the_other() {
    let (mut table, start, [first, second]) = (CheckTable::with_capacity(0), Instant::now(), probes());
    let key = table.insert(Check::of_address(1, 100 * MS, ([127, 0, 0, 1], 1).into(), start));
    for probe in [first, second] {
        table.start_probe(key, probe, start, |deadline| Some(deadline - 50 * MS));
    }
    for probe in [first, second] {
        assert_eq!(table.pop_due(start + 50 * MS), Some(Some((key, Due::Probe(probe, start + 50 * MS)))));
        table.replace_probe(key, probe, Attempt::new(probe, None));
    }
    assert_eq!(pop_due(&mut table, start + 99 * MS), None);
    assert_eq!(table.next_timer(), Some(start + 100 * MS));
}
