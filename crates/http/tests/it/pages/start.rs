//! What is at the address of the server itself.

use super::is_a_page;
use crate::bed::Bed;
use crate::visitor::Visitor;

/// As browsers send it.
const HTML: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n";

#[tokio::test]
async fn a_person_finds_where_to_go_on_and_a_program_that_there_is_nothing() {
    let bed = Bed::start().await;
    let mut visitor = Visitor::of(&bed);
    let page = visitor.get_with("/", HTML).await;
    assert_eq!(page.status, 200, "{page:?}");
    is_a_page(&page, "the start page");
    let mut links = 0;
    for link in page.text().split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        if link.starts_with('/') {
            assert_eq!(bed.nobody().get(link).await.status, 200, "{link}");
            links += 1;
        }
    }
    assert!(links >= 3 && page.text().contains("id=\"login-link\""), "{}", page.text());
    visitor.register("alice@example.org").await;
    let page = visitor.get_with("/", HTML).await.text();
    assert!(page.contains("alice@example.org") && page.contains("id=\"account-link\""), "{page}");
    for accept in ["", "Accept: */*\r\n", "Accept: application/json\r\n"] {
        let answer = bed.nobody().call("GET", b"/", accept, b"").await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "NotFound"), "{accept}");
        assert!(answer.header("set-cookie").is_none(), "{accept}");
    }
}
