// Signing in with OAuth 2.1 (authorization code with PKCE), as much as a public client in a browser needs.
//
// Tokens stay in memory: whoever can read storage could use them later. What has to survive the way to the sign-in page and
// back (state, nonce, verifier) is in sessionStorage, and is removed on return.

const PENDING = "pending-sign-in";

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

const digest = async (text) =>
  base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));

const claimsOf = (token) => {
  const [, payload] = token.split(".");
  const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
};

async function answered(response) {
  const body = await response.json();
  if (!response.ok) throw new Error(body.error_description ?? body.error ?? `the server answered ${response.status}`);
  return body;
}

export class Session {
  #configuration;
  #metadata;
  #tokens = null;

  static async open(configuration) {
    const session = new Session();
    session.#configuration = configuration;
    const metadata = await fetch(`${configuration.issuer}/.well-known/openid-configuration`);
    session.#metadata = await answered(metadata);
    if (session.#metadata.issuer !== configuration.issuer) throw new Error("the metadata is of another issuer");
    return session;
  }

  get user() {
    return this.#tokens && claimsOf(this.#tokens.id_token);
  }

  get accessToken() {
    return this.#tokens?.access_token;
  }

  // Leaves this page for the sign-in page.
  async signIn() {
    const pending = { state: random(), nonce: random(), verifier: random() };
    sessionStorage.setItem(PENDING, JSON.stringify(pending));
    const { clientId, redirectUri, scope, audience } = this.#configuration;
    const query = new URLSearchParams({
      response_type: "code",
      client_id: clientId,
      redirect_uri: redirectUri,
      scope,
      resource: audience,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await digest(pending.verifier),
      code_challenge_method: "S256",
    });
    location.assign(`${this.#metadata.authorization_endpoint}?${query}`);
  }

  // What the sign-in page sent us back with, if it did.
  async finishSignIn(parameters) {
    const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null");
    sessionStorage.removeItem(PENDING);
    if (!pending || parameters.get("state") !== pending.state) throw new Error("this answer was not asked for");
    if (parameters.get("iss") !== this.#metadata.issuer) throw new Error("the answer is of another issuer");
    if (parameters.has("error")) throw new Error(parameters.get("error_description") ?? parameters.get("error"));
    const tokens = await this.#token({
      grant_type: "authorization_code",
      code: parameters.get("code"),
      redirect_uri: this.#configuration.redirectUri,
      code_verifier: pending.verifier,
    });
    if (claimsOf(tokens.id_token).nonce !== pending.nonce) throw new Error("the ID token is of another sign-in");
    this.#tokens = tokens;
  }

  async renew() {
    const renewed = await this.#token({ grant_type: "refresh_token", refresh_token: this.#tokens.refresh_token });
    this.#tokens = { ...this.#tokens, ...renewed };
  }

  // Leaves this page; the server ends the session and sends the person back.
  signOut() {
    const query = new URLSearchParams({
      id_token_hint: this.#tokens.id_token,
      post_logout_redirect_uri: this.#configuration.postLogoutRedirectUri,
    });
    this.#tokens = null;
    location.assign(`${this.#metadata.end_session_endpoint}?${query}`);
  }

  async #token(parameters) {
    const body = new URLSearchParams({ client_id: this.#configuration.clientId, ...parameters });
    return answered(await fetch(this.#metadata.token_endpoint, { method: "POST", body }));
  }
}
