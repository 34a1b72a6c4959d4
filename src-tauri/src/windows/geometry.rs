//! Where the pop-up stands. It hangs from the upper edge of the screen's work area and grows downwards: a card that is
//! added below never moves the ones above, so no press meant for one card can land on another. It hangs in the right
//! corner, or in the middle where that corner belongs to the desktop's notifications: one would cover the other.
//! And how a window that stood somewhere else comes back onto a screen.

/// Width of the pop-up in logical pixels; its page is drawn for this.
pub(super) const WIDTH: u32 = 360;
/// Distance from the edges of the work area.
const MARGIN: u32 = 16;
/// No card is lower than this; a page that says less is mistaken.
const LEAST: u32 = 64;

/// A rectangle in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// From where on the upper edge it hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hang {
    Middle,
    Right,
}

/// For the desktop of this name (`XDG_CURRENT_DESKTOP`). GNOME shows notifications in the middle and KDE below; the others
/// (Xfce, MATE, Cinnamon, small servers beside a window manager) show them in the upper right corner.
#[cfg(target_os = "linux")]
pub(super) fn hang(desktop: &str) -> Hang {
    let elsewhere = ["gnome", "kde", "unity"];
    let hangs_right = desktop.split(':').any(|name| elsewhere.iter().any(|known| name.eq_ignore_ascii_case(known)));
    if hangs_right { Hang::Right } else { Hang::Middle }
}

/// The pop-up's place for cards of this height. More cards than the screen can hold are scrolled.
pub(super) fn place(area: Rect, height: u32, hang: Hang) -> Rect {
    let most = area.height.saturating_sub(2 * MARGIN).max(LEAST);
    let width = WIDTH.min(area.width.max(1));
    let right = area.x.saturating_add_unsigned(area.width).saturating_sub_unsigned(width + MARGIN);
    let middle = area.x.saturating_add_unsigned(area.width.saturating_sub(width) / 2);
    let x = if hang == Hang::Right { right } else { middle };
    Rect { x: x.max(area.x), y: area.y.saturating_add_unsigned(MARGIN), width, height: height.clamp(LEAST, most) }
}

/// A title bar, which belongs to the window manager and is not in a window's own height.
const TITLE_BAR: u32 = 40;

/// The place nearest to a remembered one that is wholly on a screen; none where no screen is known. `areas`: the work
/// area of each screen, the primary one first.
pub(super) fn on_screen(areas: &[Rect], wanted: Rect) -> Option<Rect> {
    let seen = |area: &Rect| {
        overlap(area.x, area.width, wanted.x, wanted.width) * overlap(area.y, area.height, wanted.y, wanted.height)
    };
    let best = areas.iter().filter(|area| seen(area) > 0).max_by_key(|area| seen(area));
    // Its screen has gone: in the middle of the primary one.
    let area = best.or(areas.first())?;
    let width = wanted.width.min(area.width);
    let height = wanted.height.min(area.height.saturating_sub(TITLE_BAR));
    let (free_x, free_y) = (area.width - width, area.height.saturating_sub(TITLE_BAR) - height);
    let place = |wanted: i32, from: i32, free: u32| {
        if best.is_some() {
            wanted.clamp(from, from.saturating_add_unsigned(free))
        } else {
            from.saturating_add_unsigned(free / 2)
        }
    };
    Some(Rect { x: place(wanted.x, area.x, free_x), y: place(wanted.y, area.y, free_y), width, height })
}

/// How much two spans have in common.
fn overlap(a: i32, a_length: u32, b: i32, b_length: u32) -> i64 {
    let end = |from: i32, length: u32| i64::from(from) + i64::from(length);
    (end(a, a_length).min(end(b, b_length)) - i64::from(a.max(b))).max(0)
}

/// Radius of the panel's corners, as the page draws them.
#[cfg(target_os = "linux")]
const RADIUS: i32 = 12;

/// How far each row of a rounded corner is inset, from the edge inwards.
#[cfg(target_os = "linux")]
pub(super) fn corner_insets() -> Vec<i32> {
    (0..RADIUS)
        .map(|row| {
            // Pixel centres, doubled to stay in whole numbers: (2x)² + (2y)² <= (2r)².
            let y = 2 * (RADIUS - row) - 1;
            (0..RADIUS)
                .find(|inset| (2 * (RADIUS - inset) - 1).pow(2) + y.pow(2) <= (2 * RADIUS).pow(2))
                .unwrap_or(RADIUS)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect { x: 0, y: 24, width: 1280, height: 776 };

    #[test]
    fn it_hangs_from_the_upper_edge_whatever_its_height() {
        assert_eq!(place(AREA, 200, Hang::Right), Rect { x: 904, y: 40, width: 360, height: 200 });
        assert_eq!(place(AREA, 400, Hang::Right), Rect { x: 904, y: 40, width: 360, height: 400 });
        assert_eq!(place(AREA, 400, Hang::Middle), Rect { x: 460, y: 40, width: 360, height: 400 });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_leaves_the_corner_to_notifications_where_they_stand_there() {
        for (desktop, wanted) in [
            ("GNOME", Hang::Right),
            ("ubuntu:GNOME", Hang::Right),
            ("KDE", Hang::Right),
            ("XFCE", Hang::Middle),
            ("X-Cinnamon", Hang::Middle),
            ("", Hang::Middle),
        ] {
            assert_eq!(hang(desktop), wanted, "{desktop}");
        }
    }

    #[test]
    fn it_stays_on_the_screen_however_much_the_page_asks_for() {
        for height in [0, 1, 10_000, u32::MAX] {
            let place = place(AREA, height, Hang::Right);
            assert!((LEAST..=744).contains(&place.height), "{place:?}");
        }
    }

    #[test]
    fn a_second_screen_and_a_tiny_one_are_survived() {
        let left = Rect { x: -1920, y: -300, width: 1920, height: 1080 };
        assert_eq!(place(left, 200, Hang::Right).x, -376);
        let tiny = Rect { x: 0, y: 0, width: 0, height: 0 };
        assert_eq!(place(tiny, 200, Hang::Right).x, 0);
        assert_eq!(place(tiny, 200, Hang::Middle).x, 0);
    }

    #[test]
    fn a_window_comes_back_where_it_stood() {
        let there = Rect { x: 500, y: 60, width: 360, height: 620 };
        assert_eq!(on_screen(&[AREA], there), Some(there));
        let left = Rect { x: -1920, y: 0, width: 1920, height: 1080 };
        let over_there = Rect { x: -900, ..there };
        assert_eq!(on_screen(&[AREA, left], over_there), Some(over_there));
    }

    #[test]
    fn a_window_whose_screen_has_gone_comes_to_the_middle_of_the_primary_one() {
        for (x, y) in [(5000, 60), (-3000, 60), (100, 9000), (i32::MAX, i32::MIN)] {
            let lost = Rect { x, y, width: 360, height: 620 };
            assert_eq!(on_screen(&[AREA], lost), Some(Rect { x: 460, y: 82, width: 360, height: 620 }), "{x} {y}");
        }
        assert_eq!(on_screen(&[], AREA), None);
    }

    #[test]
    fn a_window_that_stands_half_beside_the_screen_is_moved_onto_it() {
        let at = |x, y| on_screen(&[AREA], Rect { x, y, width: 360, height: 620 }).map(|place| (place.x, place.y));
        assert_eq!(at(1200, 700), Some((920, 140)));
        assert_eq!(at(-300, -100), Some((0, 24)));
    }

    #[test]
    fn a_window_larger_than_the_screen_is_made_smaller() {
        let huge = Rect { x: -5, y: -5, width: u32::MAX, height: 4000 };
        assert_eq!(on_screen(&[AREA], huge), Some(Rect { x: 0, y: 24, width: 1280, height: 736 }));
        let tiny = Rect { x: 0, y: 0, width: 0, height: 0 };
        assert_eq!(on_screen(&[tiny], AREA), Some(Rect { x: 0, y: 0, width: 0, height: 0 }));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn corners_are_round() {
        let insets = corner_insets();
        assert_eq!(insets.len(), 12);
        assert!(insets.windows(2).all(|pair| pair[0] >= pair[1]), "{insets:?}");
        assert_eq!(insets.last(), Some(&0));
        assert!(insets[0] > 4, "{insets:?}");
    }
}
