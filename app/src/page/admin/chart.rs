//! A chart of days: a bar each, made of parts that stand on each other. The table beneath says the same to who does not see
//! it. No inline style: places and sizes are attributes.

use leptos::prelude::*;

/// Units of the drawing: a day's width, the whole height.
const DAY: u32 = 10;
const HEIGHT: f64 = 100.0;
/// Space on either side of a bar.
const GAP: u32 = 1;

/// A part of each bar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Its name, in the legend.
    pub(super) name: &'static str,
    /// The end of its class: `chart__part--good`.
    pub(super) look: &'static str,
}

/// Bars of these parts, oldest first; each day has a number a part. `says` is what it shows, for ears.
pub(super) fn chart<const PARTS: usize>(
    parts: [Part; PARTS],
    days: &[[u64; PARTS]],
    says: String,
) -> AnyView {
    let most = days
        .iter()
        .map(|day| day.iter().sum::<u64>())
        .max()
        .unwrap_or(0)
        .max(1);
    let mut bars = Vec::new();
    for (x, day) in (0_u32..).zip(days) {
        for (part, (from, height)) in parts.iter().zip(stacked(day, most)) {
            if height > 0.0 {
                bars.push(view! {
                    <rect
                        class=format!("chart__part chart__part--{}", part.look)
                        x=x * DAY + GAP
                        y=format!("{:.2}", HEIGHT - from - height)
                        width=DAY - 2 * GAP
                        height=format!("{height:.2}")
                    ></rect>
                });
            }
        }
    }
    let width = u32::try_from(days.len()).unwrap_or(u32::MAX).saturating_mul(DAY);
    let legend = parts.map(|part| {
        view! {
            <li><span class=format!("chart__mark chart__part--{}", part.look) aria-hidden="true"></span>{part.name}</li>
        }
    });
    view! {
        <figure class="chart">
            <svg
                class="chart__drawing"
                viewBox=format!("0 0 {width} {HEIGHT}")
                preserveAspectRatio="none"
                role="img"
                aria-label=says
            >
                {bars}
            </svg>
            <ul class="chart__legend">{Vec::from(legend)}</ul>
        </figure>
    }
    .into_any()
}

/// Where each part of a bar begins and how high it is, when the highest bar has `most`.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a drawing")]
fn stacked<const PARTS: usize>(day: &[u64; PARTS], most: u64) -> [(f64, f64); PARTS] {
    let mut from = 0.0;
    day.map(|number| {
        let height = number as f64 / most as f64 * HEIGHT;
        let place = (from, height);
        from += height;
        place
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_on_each_other_and_the_highest_bar_is_as_high_as_the_drawing() {
        assert_eq!(stacked(&[3, 1], 4), [(0.0, 75.0), (75.0, 25.0)]);
        assert_eq!(stacked(&[0, 1], 4), [(0.0, 0.0), (0.0, 25.0)]);
    }
}
