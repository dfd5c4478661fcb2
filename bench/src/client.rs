//! A client of the server: just enough HTTP to fill it, and a bearer made as the SDKs make theirs.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use crate::Result;
use crate::world::{Question, World};

pub struct Client {
    stream: TcpStream,
    address: SocketAddr,
    bearer: String,
}

impl Client {
    /// As the owner that the server made when it was first started.
    pub fn owner(address: SocketAddr, data_dir: &Path) -> Result<Self> {
        let bootstrap: Value = serde_json::from_slice(&std::fs::read(data_dir.join("bootstrap.json"))?)?;
        let key = bootstrap["access_key"].as_str().ok_or("no access_key in bootstrap.json")?;
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, address, bearer: mint(key, &format!("http://{address}"))? })
    }

    /// Without a bearer.
    pub fn nobody(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, address, bearer: String::new() })
    }

    /// Another client of the same server.
    pub fn with_key(&self, access_key: &str) -> Result<Self> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        let bearer = mint(access_key, &format!("http://{}", self.address))?;
        Ok(Self { stream, address: self.address, bearer })
    }

    /// A GET that can be sent as it is.
    pub fn get(&self, path: &str) -> Vec<u8> {
        let Self { address, bearer, .. } = self;
        format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {bearer}\r\n\r\n")
            .into_bytes()
    }

    pub fn check(&self, question: &Question) -> Vec<u8> {
        let (user, path, action) = (&question.user, encode(&question.path), encode(&question.action));
        self.get(&format!("/v1/users/{user}/resources/{path}/permissions/{action}"))
    }

    /// A POST without a bearer that can be sent as it is.
    pub fn anonymous_post(&self, path: &str, body: &Value) -> Vec<u8> {
        written(self.address, path, "", body)
    }

    /// A POST that can be sent as it is.
    pub fn posting(&self, path: &str, body: &Value) -> Vec<u8> {
        written(self.address, path, &format!("authorization: Bearer {}\r\n", self.bearer), body)
    }

    /// A form of an application that proves itself by its secret in the header (RFC 6749 §2.3.1), which can be sent as it is.
    pub fn form(&self, path: &str, client_id: &str, secret: &str, fields: &[(&str, &str)]) -> Vec<u8> {
        let basic = STANDARD.encode(format!("{client_id}:{secret}"));
        let body = form_encoded(fields);
        format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Basic {basic}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .into_bytes()
    }

    /// Sends a whole request; the answer must be of the kind 2xx. Gives its JSON.
    pub fn exchange(&mut self, request: &[u8]) -> Result<Value> {
        let (status, answer) = self.send(request)?;
        if !(200..300).contains(&status) {
            return Err(answer.into());
        }
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        Ok(serde_json::from_str(body).unwrap_or_default())
    }

    /// Sends a body; the answer must be of the kind 2xx.
    pub fn post(&mut self, path: &str, body: &Value) -> Result<()> {
        let request = self.posting(path, body);
        self.exchange(&request).map_err(|error| format!("POST {path}: {error}"))?;
        Ok(())
    }

    /// Sends a whole request and waits for its answer.
    pub fn send(&mut self, request: &[u8]) -> Result<(u16, String)> {
        self.stream.write_all(request)?;
        let mut answer = Vec::new();
        let mut buffer = [0u8; 16 << 10];
        loop {
            if let Some((status, len)) = complete(&answer) {
                let body = answer.get(..len).unwrap_or_default();
                return Ok((status, String::from_utf8_lossy(body).into_owned()));
            }
            match self.stream.read(&mut buffer)? {
                0 => return Err("the server hung up".into()),
                read => answer.extend_from_slice(&buffer[..read]),
            }
        }
    }

    /// Writes the world: its roles, its groups, and a record for each user and group.
    pub fn write(&mut self, world: &World) -> Result<()> {
        for role in &world.roles {
            self.post("/v1/roles", &role_body(role))?;
        }
        for (index, group) in world.groups.iter().enumerate() {
            let members: Vec<Value> = world
                .users
                .iter()
                .filter(|user| user.groups.contains(&index))
                .map(|user| json!({ "userId": user.id }))
                .collect();
            self.post(
                "/v1/groups",
                &json!({ "groupId": group.id, "name": group.id, "users": members, "admins": [] }),
            )?;
            let principals = json!({ "groups": [{ "groupId": group.id }] });
            self.post("/v1/records", &record_body(world, &group.id, &principals, &group.grants))?;
        }
        for user in &world.users {
            let principals = json!({ "users": [{ "userId": user.id }] });
            self.post("/v1/records", &record_body(world, &user.id, &principals, &user.grants))?;
        }
        Ok(())
    }
}

pub fn role_body(role: &crate::world::Role) -> Value {
    let permission = |action| json!({ "action": action, "allow": true, "grant": false, "delegate": false });
    let permissions: Vec<Value> = role.actions.iter().map(permission).collect();
    json!({ "roleId": role.id, "name": role.id, "permissions": permissions })
}

/// A record of one statement a grant, for these `users` or `groups`.
pub fn record_body(world: &World, id: &str, principals: &Value, grants: &[crate::world::Grant]) -> Value {
    let statement = |grant: &crate::world::Grant| json!({ "roles": [world.roles[grant.role].id], "resources": [{ "resourceUri": grant.path }] });
    let statements: Vec<Value> = grants.iter().map(statement).collect();
    let mut body = json!({ "recordId": id, "name": id, "statements": statements });
    if let (Some(body), Some(principals)) = (body.as_object_mut(), principals.as_object()) {
        body.extend(principals.clone());
    }
    body
}

/// The status of a complete answer, and how long it is.
pub fn complete(answer: &[u8]) -> Option<(u16, usize)> {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let status = std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()?;
    let mut body = 0;
    for line in answer.get(..head)?.split(|byte| *byte == b'\n') {
        if line.len() > 15 && line[..15].eq_ignore_ascii_case(b"content-length:") {
            body = std::str::from_utf8(&line[15..]).ok()?.trim().parse().ok()?;
        }
    }
    (answer.len() >= head + body).then_some((status, head + body))
}

fn written(address: SocketAddr, path: &str, authorization: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\n{authorization}content-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// `application/x-www-form-urlencoded`.
pub fn form_encoded(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'-' | b'.' | b'_' => char::from(byte).to_string(),
                _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    pairs.join("&")
}

fn encode(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F").replace(':', "%3A")
}

/// A service client's own token, for a day.
fn mint(access_key: &str, base: &str) -> Result<String> {
    let parts: Vec<&str> = access_key.split('.').collect();
    let [client, key, account, private] = parts[..] else {
        return Err("an access key has four parts".into());
    };
    let document = STANDARD.decode(private)?;
    let seed = document.last_chunk::<32>().ok_or("the private key is too short")?;
    #[expect(clippy::disallowed_methods, reason = "a client outside the server")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let header = json!({ "alg": "EdDSA", "kid": key, "typ": "at+jwt" });
    let claims = json!({
        "iss": format!("{base}/v1/clients/{client}"),
        "aud": format!("{account}.accounts.authress.io"),
        "sub": client, "client_id": client, "iat": now, "exp": now + 86_400, "scope": "openid",
    });
    let signed = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let signature = SigningKey::from_bytes(seed).sign(signed.as_bytes());
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
}
