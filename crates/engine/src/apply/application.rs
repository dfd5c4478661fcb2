use portcullis_domain::application_from_body;
use portcullis_store::ChangeKind;
use portcullis_types::FieldError;
use portcullis_types::application::{Application, ApplicationBody};

use super::{Applying, Verb};
use crate::Result;
use crate::application::{check_references, claim_id, put_fixed, replace};

impl Applying {
    pub(super) async fn application(&mut self, mut body: ApplicationBody) -> Result<()> {
        let secret = body.secret.take();
        let missing = || FieldError::new("applicationId", "an id: what is applied must be named");
        let id = body.application_id.clone().ok_or_else(missing)?;
        portcullis_domain::application_id(&id)?;
        let stored = self.unit.queries().application_for_update(&id).await?;
        let at = self.portcullis.change_time(stored.as_ref().map(|stored| stored.last_updated));
        let created_at = stored.as_ref().map_or(at, |stored| stored.created_at);
        let application = application_from_body(body, id, created_at, at)?;
        let mut verb = match &stored {
            None => Verb::Create,
            Some(stored)
                if *stored == (Application { last_updated: stored.last_updated, ..application.clone() }) =>
            {
                Verb::Unchanged
            }
            Some(_) => Verb::Update,
        };
        if verb != Verb::Unchanged {
            check_references(self.unit.queries(), &application).await?;
        }
        match verb {
            Verb::Unchanged => {}
            Verb::Create => {
                claim_id(self.unit.queries(), &application.application_id).await?;
                self.unit.queries().insert_application(&application).await?;
            }
            Verb::Update => replace(&mut self.unit, &application).await?,
        }
        if let Some(secret) = &secret
            && put_fixed(&mut self.unit, &application, secret).await?
            && verb == Verb::Unchanged
        {
            verb = Verb::Update;
        }
        if verb != Verb::Unchanged {
            self.unit.changed(ChangeKind::Application, &application.application_id);
        }
        self.did(verb, "application", &application.application_id);
        Ok(())
    }
}
