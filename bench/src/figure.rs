//! What is measured, by name, and the values that the repetitions gave.

use crate::measure;
use std::collections::BTreeMap;

/// One number of the report; `report/row.rs` says each in words. Times in milliseconds, memory in MB (10⁶ bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Figure {
    ColdStart,
    Restart,
    IdleMemory,
    MemoryAt50,
    First1P50,
    First1P99,
    Asked1P50,
    Asked1P99,
    First10P50,
    First10P99,
    First50P50,
    First50P99,
    AtOnceP50,
    AtOnceP99,
    AtOnceFailed,
    Token50P50,
    Token50P99,
    Token300P50,
    Token300P99,
    MemoryAt300,
    CpuAt300,
    Token2000P50,
    Token2000P99,
    MemoryAt2000,
    CpuAt2000,
    Speed1,
    Speed10,
    CpuFullSpeed,
    Cpu32,
    Cpu64,
    CpuGrowth,
    CpuAt50,
    BytesAToken,
    StopP50,
    StopWorst,
}

/// Who was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The client straight to the model's stand-in.
    Direct,
    /// The same through Parlance.
    Parlance,
}

/// All values, one of each repetition.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    direct: BTreeMap<Figure, Vec<f64>>,
    parlance: BTreeMap<Figure, Vec<f64>>,
}

impl Figures {
    /// Takes a repetition's value.
    pub(crate) fn note(&mut self, side: Side, figure: Figure, value: f64) {
        let values = match side {
            Side::Direct => &mut self.direct,
            Side::Parlance => &mut self.parlance,
        };
        values.entry(figure).or_default().push(value);
    }

    /// Every repetition's value, in order.
    pub(crate) fn values(&self, side: Side, figure: Figure) -> &[f64] {
        let values = match side {
            Side::Direct => &self.direct,
            Side::Parlance => &self.parlance,
        };
        values.get(&figure).map(Vec::as_slice).unwrap_or_default()
    }

    /// The median of the repetitions.
    pub(crate) fn median(&self, side: Side, figure: Figure) -> Option<f64> {
        measure::median(self.values(side, figure))
    }

    /// What Parlance adds: the median of the repetitions' differences, each within one repetition.
    pub(crate) fn added(&self, figure: Figure) -> Option<f64> {
        let pairs = self
            .values(Side::Parlance, figure)
            .iter()
            .zip(self.values(Side::Direct, figure));
        measure::median(
            &pairs
                .map(|(parlance, direct)| parlance - direct)
                .collect::<Vec<_>>(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_compared_within_a_repetition() {
        let mut figures = Figures::default();
        for (direct, parlance) in [(1.0, 2.0), (10.0, 11.0), (5.0, 9.0)] {
            figures.note(Side::Direct, Figure::First1P50, direct);
            figures.note(Side::Parlance, Figure::First1P50, parlance);
        }
        assert_eq!(figures.added(Figure::First1P50), Some(1.0));
        assert_eq!(
            figures.added(Figure::Speed1),
            None,
            "what was not measured is not zero"
        );
    }
}
