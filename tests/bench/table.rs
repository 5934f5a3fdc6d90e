//! The table: medians, and the rounds' ratios.

/// What the yardstick and the server did, round by round.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    bare: Vec<f64>,
    ours: Vec<f64>,
}

impl Pairs {
    pub(crate) fn push(&mut self, bare: f64, ours: f64) {
        self.bare.push(bare);
        self.ours.push(ours);
    }

    fn ratios(&self) -> Vec<f64> {
        let rounds = self.bare.iter().zip(&self.ours);
        rounds.map(|(bare, ours)| ours / bare).collect()
    }
}

/// The one in the middle, and the ends.
fn spread(figures: &[f64]) -> (f64, f64, f64) {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    (
        sorted[sorted.len() / 2],
        sorted[0],
        sorted[sorted.len() - 1],
    )
}

pub(crate) fn count(figure: f64) -> String {
    match figure {
        n if n >= 1e6 => format!("{:.2} M", n / 1e6),
        n if n >= 1e4 => format!("{:.0} k", n / 1e3),
        n => format!("{n:.0}"),
    }
}

pub(crate) fn millis(seconds: f64) -> String {
    format!("{:.2} ms", seconds * 1e3)
}

pub(crate) fn millis_of_seconds(seconds: f64) -> String {
    format!("{:.0} ms", seconds * 1e3)
}

pub(crate) fn kibibytes(bytes: f64) -> String {
    format!("{:.1} KiB", bytes / 1024.0)
}

/// Rows as they are printed.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<[String; 5]>);

impl Table {
    /// A figure of which more is better.
    pub(crate) fn faster(
        &mut self,
        what: &str,
        beside: &str,
        pairs: &Pairs,
        say: fn(f64) -> String,
    ) {
        self.row(what, beside, pairs, say, "of it");
    }

    /// A figure of which less is better.
    pub(crate) fn slower(
        &mut self,
        what: &str,
        beside: &str,
        pairs: &Pairs,
        say: fn(f64) -> String,
    ) {
        self.row(what, beside, pairs, say, "times it");
    }

    fn row(&mut self, what: &str, beside: &str, pairs: &Pairs, say: fn(f64) -> String, of: &str) {
        let (ours, ..) = spread(&pairs.ours);
        let (bare, ..) = spread(&pairs.bare);
        let (ratio, low, high) = spread(&pairs.ratios());
        self.0.push([
            what.to_owned(),
            say(ours),
            beside.to_owned(),
            say(bare),
            format!("{ratio:.2} {of} ({low:.2} to {high:.2})"),
        ]);
    }

    /// A figure that has nothing beside it.
    pub(crate) fn alone(&mut self, what: &str, figures: &[f64], say: fn(f64) -> String) {
        let (middle, low, high) = spread(figures);
        let range = format!("{} to {}", say(low), say(high));
        self.0.push([
            what.to_owned(),
            say(middle),
            String::new(),
            String::new(),
            range,
        ]);
    }

    pub(crate) fn print(&self, rounds: usize) {
        println!("medians of {rounds} rounds, each measured beside its yardstick\n");
        println!("| what | Rialto | beside | that | ratio of a round, median (least to most) |");
        println!("|---|--:|---|--:|---|");
        for [what, ours, beside, bare, ratio] in &self.0 {
            println!("| {what} | {ours} | {beside} | {bare} | {ratio} |");
        }
    }
}
