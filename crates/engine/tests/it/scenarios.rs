//! The scenarios of `scenarios/`, through the use cases: facts written and deleted as the owner, every question asked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use portcullis::access::{self, Question, ResourcesQuery};
use portcullis::{Error, Listing, PageRequest, Portcullis};
use serde::Serialize;

use crate::bed::{Bed, on_postgres, on_sqlite};
use crate::make::body;
use crate::scenario::{Answer, Collection, Facts, Permission, Scenario, load_all};

/// Every scenario in an installation of its own; shows everything that is wrong at once.
async fn in_every_scenario<F: Future<Output = Vec<String>>>(run: impl Fn(Scenario) -> F) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let scenarios = load_all(&folder).unwrap_or_else(|error| panic!("{error}"));
    assert!(scenarios.len() > 40, "the scenarios are found");
    let mut wrong = Vec::new();
    for (name, scenario) in scenarios {
        let rule = scenario.rule.clone();
        wrong.extend(run(scenario).await.into_iter().map(|found| format!("{name} ({rule}): {found}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn az_11_every_scenario_is_answered_as_written_on_sqlite() {
    in_every_scenario(|scenario| on_sqlite(|url| ask_everything(url, scenario))).await;
}

#[tokio::test]
async fn az_11_every_scenario_is_answered_as_written_on_postgres() {
    in_every_scenario(|scenario| on_postgres(|url| ask_everything(url, scenario))).await;
}

async fn ask_everything(url: String, scenario: Scenario) -> Vec<String> {
    let bed = Bed::on(url).await;
    bring(&bed, &scenario.facts).await;
    let mut wrong = Vec::new();
    checks(&bed, &scenario, &mut wrong).await;
    permissions_and_roles(&bed, &scenario, &mut wrong).await;
    lists(&bed, &scenario, &mut wrong).await;
    wrong
}

fn bodies<T: Serialize>(of: &T) -> serde_json::Value {
    serde_json::to_value(of).unwrap()
}

async fn bring(bed: &Bed, facts: &Facts) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    for role in facts.role_bodies() {
        portcullis::role::create(node, owner, body(role)).await.unwrap();
    }
    for group in &facts.groups {
        portcullis::group::create(node, owner, body(bodies(group))).await.unwrap();
    }
    for record in &facts.records {
        portcullis::record::create(node, owner, body(bodies(record))).await.unwrap();
    }
    for record_id in &facts.deleted {
        portcullis::record::delete(node, owner, record_id).await.unwrap();
    }
    for (uri, config) in facts.resource_bodies() {
        portcullis::resource::update(node, owner, uri, body(config)).await.unwrap();
    }
}

async fn checks(bed: &Bed, scenario: &Scenario, wrong: &mut Vec<String>) {
    // The owner's own record is in every installation; scenarios do not know it.
    let owners = owners_record(bed).await;
    for check in &scenario.checks {
        let question =
            Question { user_id: &check.user, resource: &check.resource, permission: &check.permission };
        let expected = check.answer == Answer::Allow;
        // Once from the database, once from memory.
        for _ in 0..2 {
            let answer = access::check(&bed.portcullis, &bed.owner, question).await;
            if !answer.as_ref().is_ok_and(|answer| *answer == expected) {
                wrong.push(format!("{check:?}: {answer:?}"));
            }
        }
        let mut told = access::explain(&bed.portcullis, &bed.owner, question).await.unwrap();
        told.nearest.retain(|miss| miss.record_id.as_ref() != Some(&owners));
        let differs = check.because.as_ref().is_some_and(|because| !because.is_told_by(&told));
        if (told.decision == "allow") != expected || differs {
            wrong.push(format!("{check:?}: explained as {told:?}"));
        }
    }
}

async fn owners_record(bed: &Bed) -> String {
    let only = PageRequest { filter: Some(bed.key.client_id().to_owned()), ..PageRequest::first(1) };
    let mut listed = portcullis::record::list(&bed.portcullis, &bed.owner, only, None).await.unwrap();
    while listed.items[0].name != "Owner" {
        let next = PageRequest { cursor: listed.next, ..PageRequest::first(1) };
        listed = portcullis::record::list(&bed.portcullis, &bed.owner, next, None).await.unwrap();
    }
    listed.items.remove(0).record_id
}

async fn permissions_and_roles(bed: &Bed, scenario: &Scenario, wrong: &mut Vec<String>) {
    let lower = |line: &Permission| Permission { action: line.action.to_lowercase(), ..line.clone() };
    for question in &scenario.permissions {
        let expected: BTreeSet<Permission> = question.expect.iter().map(lower).collect();
        let told = access::permissions(&bed.portcullis, &bed.owner, &question.user, &question.resource).await;
        let told: BTreeSet<Permission> = match told {
            Ok(told) => {
                assert!(!told.permissions.is_empty(), "an empty answer is a refusal");
                told.permissions.iter().map(|line| lower(&body(bodies(line)))).collect()
            }
            Err(Error::NotFound(_)) => BTreeSet::new(),
            Err(error) => panic!("{question:?}: {error}"),
        };
        if told != expected {
            wrong.push(format!("{question:?}: {told:?}"));
        }
    }
    for question in &scenario.roles {
        let told = access::roles(&bed.portcullis, &bed.owner, &question.user, &question.resource).await;
        let told: BTreeSet<String> = match told {
            Ok(told) => told.roles.into_iter().map(|role| role.role_id).collect(),
            Err(Error::NotFound(_)) => BTreeSet::new(),
            Err(error) => panic!("{question:?}: {error}"),
        };
        if !told.iter().eq(question.expect.iter().collect::<BTreeSet<_>>()) {
            wrong.push(format!("{question:?}: {told:?}"));
        }
    }
}

/// Every page of a list, put together.
async fn all_pages<T>(
    limit: u32,
    page: impl AsyncFn(PageRequest) -> portcullis::Result<Listing<T>>,
) -> Vec<T> {
    let mut all = Vec::new();
    let mut request = PageRequest::first(limit);
    loop {
        let listing = page(request.clone()).await.unwrap();
        assert!(listing.items.len() <= usize::try_from(limit).unwrap());
        all.extend(listing.items);
        match listing.next {
            Some(next) => request.cursor = Some(next),
            None => return all,
        }
    }
}

async fn lists(bed: &Bed, scenario: &Scenario, wrong: &mut Vec<String>) {
    for question in &scenario.resources {
        for limit in [1, 100] {
            let listed = resources(&bed.portcullis, bed, question, limit).await;
            if listed != question.expect {
                wrong.push(format!("{question:?}: {listed:?} in pages of {limit}"));
            }
        }
    }
    for question in &scenario.users {
        for limit in [1, 20] {
            let users = all_pages(limit, async |page| {
                access::users(&bed.portcullis, &bed.owner, &question.resource, page).await
            });
            let told: BTreeMap<String, BTreeSet<String>> = users
                .await
                .into_iter()
                .map(|user| (user.user_id, user.roles.into_iter().map(|role| role.role_id).collect()))
                .collect();
            let expected: BTreeMap<String, BTreeSet<String>> = question
                .expect
                .iter()
                .map(|(user, roles)| (user.clone(), roles.iter().cloned().collect()))
                .collect();
            if told != expected {
                wrong.push(format!("{question:?}: {told:?} in pages of {limit}"));
            }
        }
    }
}

async fn resources(
    node: &Portcullis,
    bed: &Bed,
    question: &crate::scenario::ResourcesOf,
    limit: u32,
) -> Vec<String> {
    let query = ResourcesQuery {
        resource_uri: Some(question.query.clone()),
        collection: match question.collection {
            Collection::TopLevelOnly => access::Collection::TopLevelOnly,
            Collection::IncludeNested => access::Collection::IncludeNested,
        },
        permission: question.permission.clone(),
    };
    let listed = all_pages(limit, async |page| {
        access::resources(node, &bed.owner, &question.user, query.clone(), page).await
    });
    listed.await.into_iter().map(|resource| resource.resource_uri).collect()
}
