//! Where the pop-up stands. It hangs from the upper edge of the screen's work area and grows downwards: a card that is
//! added below never moves the ones above, so no press meant for one card can land on another. It hangs in the right
//! corner, or in the middle where that corner belongs to the desktop's notifications: one would cover the other.

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
