use askama::Template;

use super::layout::Layout;
use super::render::page;

/// A form that is sent by itself where there is script, and at a press where there is none.
#[derive(Template)]
#[template(path = "hand_on.html")]
pub(super) struct HandOnPage {
    pub(super) layout: Layout,
    /// What happens, for people.
    pub(super) lead: &'static str,
    /// Where the form goes.
    pub(super) action: String,
    pub(super) parameters: Vec<(String, String)>,
}

page!(HandOnPage);
