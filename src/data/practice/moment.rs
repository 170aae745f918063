//! The time of a review: an instant with the offset of the local time from UTC, as a log has it:
//! `2026-11-29T08:14:03.120+01:00`. Knows no clock.

/// The hour of local time at which a day of practice begins: a review after midnight belongs to the evening before.
const DAY_BEGINS: i64 = 4;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// An instant with a local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    /// Milliseconds since 1970 in UTC.
    pub milliseconds: i64,
    /// The minutes by which the local time is ahead of UTC.
    pub offset: i64,
}

impl Moment {
    /// Reads the form of a log. `None` if the text has a different form or names no date.
    pub(crate) fn parse(text: &str) -> Option<Moment> {
        let (date, rest) = text.split_once('T')?;
        let [year, month, day] = numbers(date, '-', &[4, 2, 2])?;
        let zone_at = rest.find(['Z', '+', '-'])?;
        let (time, zone) = rest.split_at(zone_at);
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let [hour, minute, second] = numbers(time, ':', &[2, 2, 2])?;
        if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let millisecond: i64 = format!("{fraction:0<3}")[..3].parse().ok()?;
        let offset = offset(zone)?;
        let is_date = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
        if !is_date || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let local =
            days_since_1970(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second * 1_000 + millisecond;
        Some(Moment { milliseconds: local - offset * MINUTE, offset })
    }

    /// The number of the day of practice, which begins at 04:00 of the local time. Day 0 is 1 January 1970.
    pub(crate) fn day(self) -> i64 {
        (self.milliseconds + self.offset * MINUTE - DAY_BEGINS * HOUR).div_euclid(DAY)
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let local = self.milliseconds + self.offset * MINUTE;
        let (days, rest) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let (year, month, day) = date_of(days);
        let (sign, zone) = (if self.offset < 0 { '-' } else { '+' }, self.offset.abs());
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}{sign}{:02}:{:02}",
            rest / HOUR,
            rest / MINUTE % 60,
            rest / 1_000 % 60,
            rest % 1_000,
            zone / 60,
            zone % 60
        )
    }
}

/// Three numbers with these counts of digits, between separators.
fn numbers(text: &str, separator: char, digits: &[usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut found = [0; 3];
    for (number, &count) in found.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == count && part.bytes().all(|b| b.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// The minutes of `Z`, `+01:00` or `-05:30`.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, rest) = (if zone.starts_with('-') { -1 } else { 1 }, zone.get(1..)?);
    let [hours, minutes, _] = numbers(&format!("{rest}:00"), ':', &[2, 2, 2])?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}

fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days from 1 January 1970 to a date of the Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March, so the leap day is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_years = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    of_years + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// The year, month and day of a number of days since 1 January 1970.
fn date_of(days: i64) -> (i64, i64, i64) {
    // At most the right year, whatever the leap years are.
    let mut year = 1970 + days.div_euclid(if days < 0 { 365 } else { 366 });
    while days_since_1970(year + 1, 1, 1) <= days {
        year += 1;
    }
    let (mut month, mut day) = (1, days - days_since_1970(year, 1, 1));
    while day >= days_of(year, month) {
        day -= days_of(year, month);
        month += 1;
    }
    (year, month, day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_library_reads_the_same_instant(seconds in -1_000_000_000_i64..4_000_000_000, ms in 0..1000_i64, offset in -840..840_i64) {
            let moment = Moment { milliseconds: seconds * 1_000 + ms, offset };
            let text = moment.to_string();
            let theirs: jiff::Timestamp = text.parse().unwrap();
            prop_assert_eq!(theirs.as_millisecond(), moment.milliseconds, "{}", text);
            prop_assert_eq!(Moment::parse(&text), Some(moment));
        }
    }

    #[test]
    fn a_day_begins_at_four_of_the_local_time() {
        let day = |text: &str| Moment::parse(text).unwrap().day();
        assert_eq!(day("2026-11-29T03:59:59.999+01:00") + 1, day("2026-11-29T04:00:00+01:00"));
        assert_eq!(day("1970-01-01T04:00:00.000Z"), 0);
        assert_eq!(day("2026-11-29T23:00:00.000-05:00"), day("2026-11-30T03:00:00.000-05:00"));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2026-11-29",
            "2026-02-29T00:00:00Z",
            "2026-11-29T24:00:00Z",
            "2026-11-29T08:00:00",
            "2026-1-29T08:00:00Z",
            "2026-11-29T08:00:00.Z",
            "2026-11-29T08:00:00+1:00",
            "2026-11-29T08:00:00+é1:00",
            "+026-11-29T08:00:00Z",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
