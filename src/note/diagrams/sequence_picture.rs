//! Draws sequence diagrams: participants beside each other, what happens between them below each other.

use super::ViewBox;
use super::curves::{self, Stroke, Tip};
use super::labels::{LINE, widest, width};
use super::sequence::{Event, Head, Party, PartyId, Sequence};
use super::svg::{Area, Canvas, Ink, spot};
use crate::text::ids::{Id, IndexVec};

/// The space between two events, and between participants, in pixels.
const STEP: f64 = 14.0;
const GAP: f64 = 36.0;
/// The width of the bar of an active participant, and the length of a message to oneself.
const BAR: f64 = 10.0;
const LOOP: f64 = 34.0;
/// The height of the head of a frame.
const HEAD: f64 = 22.0;

/// A frame that is open: where it began, and its parts.
struct Frame<'a> {
    kind: &'static str,
    words: &'a str,
    top: f64,
    parts: Vec<(f64, &'a str)>,
    left: f64,
    right: f64,
}

struct Picture<'a> {
    sequence: &'a Sequence,
    /// The middle of each participant.
    middles: IndexVec<PartyId, f64>,
    y: f64,
    open: Vec<Frame<'a>>,
    /// The heights at which each participant became active and is still.
    active: IndexVec<PartyId, Vec<f64>>,
    bars: Vec<(PartyId, usize, f64, f64)>,
    number: Option<usize>,
    /// What is in front of lifelines, frames and bars.
    front: Canvas,
    frames: Canvas,
}

/// Draws a sequence diagram: its elements and its view box.
pub(super) fn draw(sequence: &Sequence) -> (String, ViewBox) {
    let heads = sequence.parties.iter().map(|party| size(party).1).fold(0.0, f64::max);
    let mut picture = Picture {
        sequence,
        middles: middles(sequence),
        y: heads + STEP,
        open: Vec::new(),
        active: sequence.parties.iter().map(|_| Vec::new()).collect(),
        bars: Vec::new(),
        number: None,
        front: Canvas::default(),
        frames: Canvas::default(),
    };
    sequence.events.iter().for_each(|event| picture.event(event));
    picture.finish(heads)
}

/// The width and height of a participant.
fn size(party: &Party) -> (f64, f64) {
    let words = party.lines.len().max(1) as f64 * LINE;
    match party.is_actor {
        true => (widest(&party.lines).max(40.0), words + 46.0),
        false => ((widest(&party.lines) + 28.0).max(76.0), words + 18.0),
    }
}

/// The middles of participants, so far from each other that the words between them fit.
fn middles(sequence: &Sequence) -> IndexVec<PartyId, f64> {
    // The words between two participants, and how wide they are.
    let mut needs: Vec<(PartyId, PartyId, f64)> = Vec::new();
    let parties = sequence.parties.len();
    let mut beside = |party: PartyId, is_left: bool, space: f64| match is_left {
        true => needs.extend(party.before().map(|before| (before, party, space))),
        false if party.index() + 1 < parties => needs.push((party, party.next(), space)),
        false => {}
    };
    for event in &sequence.events {
        match event {
            Event::Message { from, to, lines, .. } if from == to => beside(*from, false, widest(lines) + LOOP + 24.0),
            Event::Beside { party, is_left, lines } => beside(*party, *is_left, widest(lines) + 50.0),
            _ => {}
        }
    }
    for event in &sequence.events {
        match event {
            Event::Message { from, to, lines, .. } if from != to => {
                needs.push((*from.min(to), *from.max(to), widest(lines) + 44.0));
            }
            Event::Over { first, last, lines } if first != last => needs.push((*first, *last, widest(lines) - 10.0)),
            _ => {}
        }
    }
    let mut middles: IndexVec<PartyId, f64> = IndexVec::default();
    for (id, party) in sequence.parties.iter_enumerated() {
        let own = size(party).0 / 2.0;
        let mut middle = match id.before() {
            Some(before) => middles[before] + size(&sequence.parties[before]).0 / 2.0 + GAP + own,
            None => own,
        };
        for (_, _, space) in needs.iter().filter(|(_, last, _)| *last == id) {
            middle = middle.max(*space);
        }
        for (first, _, space) in needs.iter().filter(|(first, last, _)| *last == id && *first < id) {
            middle = middle.max(middles[*first] + space);
        }
        middles.push(middle);
    }
    middles
}

impl<'a> Picture<'a> {
    fn event(&mut self, event: &'a Event) {
        match event {
            Event::Message { from, to, lines, is_dotted, head, is_both } => {
                let ink = if *is_dotted { Ink::Dotted } else { Ink::Line };
                let tip = match head {
                    Head::None => Tip::None,
                    Head::Arrow => Tip::Arrow,
                    Head::Open => Tip::Open,
                    Head::Cross => Tip::Cross,
                };
                let stroke = Stroke { ink, tail: if *is_both { tip } else { Tip::None }, head: tip };
                self.message(*from, *to, lines, &stroke);
            }
            Event::Over { first, last, lines } => {
                let (left, right) = (self.middles[*first], self.middles[*last]);
                let wide = (right - left + 40.0).max(widest(lines) + 20.0);
                self.note((left + right) / 2.0, wide, lines);
            }
            Event::Beside { party, is_left, lines } => {
                let wide = widest(lines) + 20.0;
                let aside = wide / 2.0 + 12.0;
                let middle = self.middles[*party] + if *is_left { -aside } else { aside };
                self.note(middle, wide, lines);
            }
            Event::Activate(party) => self.active[*party].push(self.y - STEP),
            Event::Deactivate(party) => self.end_bar(*party),
            Event::Number { is_on } => self.number = is_on.then_some(1),
            Event::Open { kind, words } => {
                let top = self.y;
                let frame = Frame { kind, words, top, parts: Vec::new(), left: f64::MAX, right: f64::MIN };
                self.open.push(frame);
                self.y += if kind.is_empty() { 8.0 } else { HEAD + STEP };
            }
            Event::Else { words } => {
                if let Some(frame) = self.open.last_mut() {
                    frame.parts.push((self.y, words));
                }
                self.y += HEAD + 4.0;
            }
            Event::Close => self.close(),
        }
    }

    /// Widens the open frames to what is drawn in them.
    fn reach(&mut self, left: f64, right: f64) {
        for frame in &mut self.open {
            (frame.left, frame.right) = (frame.left.min(left), frame.right.max(right));
        }
    }

    /// The x of a participant's lifeline, or of the side of its bar that faces `towards`.
    fn side(&self, party: PartyId, towards: f64) -> f64 {
        let (middle, bars) = (self.middles[party], self.active[party].len());
        match bars {
            0 => middle,
            bars if towards > middle => middle + BAR / 2.0 + (bars as f64 - 1.0) * 4.0,
            _ => middle - BAR / 2.0,
        }
    }

    fn message(&mut self, from: PartyId, to: PartyId, lines: &[String], stroke: &Stroke) {
        let height = lines.len() as f64 * LINE;
        let (start, end) = (self.middles[from], self.middles[to]);
        self.y += height;
        let words_at = self.y - height / 2.0 - 1.0;
        self.y += 4.0;
        let begin = self.side(from, if from == to { f64::MAX } else { end });
        if from == to {
            self.front.words_from(Ink::Label, spot(begin + 8.0, words_at - height / 2.0 + LINE / 2.0), lines);
            let (y, right) = (self.y, begin + LOOP);
            let round = [spot(begin, y), spot(right, y), spot(right, y + 20.0), spot(begin, y + 20.0)];
            curves::draw(&mut self.front, stroke, &round);
            self.reach(begin - 20.0, begin + (widest(lines) + 16.0).max(LOOP + 8.0));
            self.y += 20.0;
        } else {
            let finish = self.side(to, start);
            self.front.words(Ink::Label, spot((start + end) / 2.0, words_at), lines);
            curves::draw(&mut self.front, stroke, &[spot(begin, self.y), spot(finish, self.y)]);
            self.reach(start.min(end) - 20.0, start.max(end) + 20.0);
        }
        if let Some(number) = self.number {
            let y = if from == to { self.y - 20.0 } else { self.y };
            self.front.circle(Ink::Filled, spot(begin, y), 9.0);
            self.front.words(Ink::Number, spot(begin, y), &[number.to_string()]);
            self.number = Some(number + 1);
        }
        self.y += STEP;
    }

    fn note(&mut self, middle: f64, wide: f64, lines: &[String]) {
        let height = lines.len().max(1) as f64 * LINE + 12.0;
        let area = Area { centre: spot(middle, self.y + height / 2.0), width: wide, height };
        self.front.rectangle(Ink::Note, area, 0.0);
        self.front.words(Ink::Words, area.centre, lines);
        self.reach(area.left() - 8.0, area.right() + 8.0);
        self.y += height + STEP;
    }

    fn end_bar(&mut self, party: PartyId) {
        if let Some(top) = self.active[party].pop() {
            self.bars.push((party, self.active[party].len(), top, self.y - STEP));
        }
    }

    /// Draws the innermost frame.
    fn close(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        let wide = width(frame.kind) + width(frame.words) + 60.0;
        if frame.left > frame.right || frame.kind.is_empty() {
            return;
        }
        let (left, right) = (frame.left - 6.0, frame.right.max(frame.left + wide) + 6.0);
        let (top, bottom) = (frame.top, self.y - 2.0);
        let canvas = &mut self.frames;
        canvas.rectangle(Ink::Frame, Area::between(spot(left, top), spot(right, bottom)), 3.0);
        let tab = width(frame.kind) + 20.0;
        let corners = [
            spot(left, top),
            spot(left + tab, top),
            spot(left + tab, top + HEAD - 7.0),
            spot(left + tab - 7.0, top + HEAD),
            spot(left, top + HEAD),
        ];
        canvas.polygon(Ink::Box, &corners);
        canvas.words(Ink::Words, spot(left + tab / 2.0 - 2.0, top + HEAD / 2.0), &[frame.kind.to_string()]);
        let mut say = |words: &str, y: f64, from: f64| {
            if !words.is_empty() {
                let words = format!("[{words}]");
                canvas.words(Ink::Label, spot(from + width(&words) / 2.0 + 8.0, y), &[words]);
            }
        };
        say(frame.words, top + HEAD / 2.0, left + tab);
        for (y, words) in &frame.parts {
            say(words, y + HEAD / 2.0, left);
        }
        for (y, _) in frame.parts {
            canvas.line(Ink::Divider, spot(left, y), spot(right, y));
        }
        self.reach(left - 2.0, right + 2.0);
        self.y += 8.0;
    }

    fn finish(mut self, heads: f64) -> (String, ViewBox) {
        let ids: Vec<PartyId> = self.sequence.parties.iter_enumerated().map(|(id, _)| id).collect();
        for id in &ids {
            while !self.active[*id].is_empty() {
                self.end_bar(*id);
            }
        }
        let mut canvas = Canvas::default();
        let bottom = self.y + 4.0;
        for id in &ids {
            let x = self.middles[*id];
            canvas.line(Ink::Lifeline, spot(x, heads), spot(x, bottom));
        }
        self.bars.sort_by_key(|(_, depth, ..)| *depth);
        canvas.append(self.frames);
        for (party, depth, top, end) in self.bars {
            let x = self.middles[party] + depth as f64 * 4.0;
            let area = Area::between(spot(x - BAR / 2.0, top), spot(x + BAR / 2.0, end.max(top + 4.0)));
            canvas.rectangle(Ink::Box, area, 0.0);
        }
        canvas.append(self.front);
        for id in ids {
            let (party, x) = (&self.sequence.parties[id], self.middles[id]);
            head(&mut canvas, party, x, heads - size(party).1);
            head(&mut canvas, party, x, bottom);
        }
        canvas.finish()
    }
}

/// Draws a participant from `top` down.
fn head(canvas: &mut Canvas, party: &Party, x: f64, top: f64) {
    let (width, height) = size(party);
    let area = Area { centre: spot(x, top + height / 2.0), width, height };
    if !party.is_actor {
        canvas.rectangle(Ink::Box, area, 4.0);
        return canvas.words(Ink::Words, area.centre, &party.lines);
    }
    canvas.circle(Ink::Box, spot(x, top + 9.0), 7.0);
    for (from, to) in [
        (spot(x, top + 16.0), spot(x, top + 29.0)),
        (spot(x - 12.0, top + 21.0), spot(x + 12.0, top + 21.0)),
        (spot(x, top + 29.0), spot(x - 9.0, top + 40.0)),
        (spot(x, top + 29.0), spot(x + 9.0, top + 40.0)),
    ] {
        canvas.line(Ink::Line, from, to);
    }
    canvas.words(Ink::Words, spot(x, top + height - party.lines.len() as f64 * LINE / 2.0), &party.lines);
}
