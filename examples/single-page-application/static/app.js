import { Session } from "/oauth.js";

const element = (id) => document.getElementById(id);
const say = (text) => (element("status").textContent = text);

async function showNotes(session) {
  const answer = await fetch("/api/notes", { headers: { authorization: `Bearer ${session.accessToken}` } });
  if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
  const notes = (await answer.json()).notes.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  });
  element("notes").replaceChildren(...notes);
  say(`${notes.length} notes`);
}

function show(session) {
  const user = session.user;
  element("guest").hidden = Boolean(user);
  element("user").hidden = !user;
  element("name").textContent = user?.name ?? user?.email ?? user?.sub ?? "";
}

const attempt = (work) => () => work().catch((error) => say(error.message));

async function start() {
  const configuration = await (await fetch("/configuration.json")).json();
  const session = await Session.open(configuration);
  const parameters = new URLSearchParams(location.search);
  if (parameters.has("state")) {
    history.replaceState(null, "", "/");
    await session.finishSignIn(parameters);
  }
  show(session);
  element("sign-in").onclick = attempt(() => session.signIn());
  element("sign-out").onclick = () => session.signOut();
  element("reload").onclick = attempt(() => showNotes(session));
  element("renew").onclick = attempt(async () => {
    await session.renew();
    await showNotes(session);
  });
  if (session.user) await showNotes(session);
  else say("You are not signed in.");
}

await attempt(start)();
