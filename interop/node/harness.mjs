// Runs the built server for the tests of one file, and what the tests share.

import { AuthressClient } from '@authress/sdk';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import nodeTest, { after, before } from 'node:test';

const START_MILLISECONDS = 60_000;
const STOP_MILLISECONDS = 10_000;

export class Server {
  static async start() {
    const server = new Server();
    try {
      await server.#spawn();
    } catch (error) {
      server.#remove();
      throw error;
    }
    return server;
  }

  constructor() {
    assert.ok(process.env.PORTCULLIS_BIN, 'PORTCULLIS_BIN must be the path of the built server');
    this.folder = mkdtempSync(join(tmpdir(), 'portcullis-interop-'));
    this.dataDir = join(this.folder, 'data');
    this.logPath = join(this.folder, 'server.log');
    this.database = freshDatabase();
  }

  async #spawn() {
    const log = openSync(this.logPath, 'a');
    const options = { stdio: ['ignore', 'pipe', log], env: environment() };
    this.process = spawn(process.env.PORTCULLIS_BIN, ['serve', '--listen', '127.0.0.1:0', ...this.#storage()], options);
    closeSync(log);
    this.exited = once(this.process, 'exit');
    this.url = await Promise.race([
      readUrl(this.process.stdout),
      this.exited.then(() => { throw new Error(`the server did not start; its log:\n${this.log()}`); }),
      timeout(START_MILLISECONDS, () => `the server did not start in time; its log:\n${this.log()}`)
    ]);
    this.bootstrap = JSON.parse(readFileSync(join(this.dataDir, 'bootstrap.json'), 'utf8'));
  }

  // SIGTERM must end it with exit code 0 in time.
  async stop() {
    this.process.kill('SIGTERM');
    try {
      const late = timeout(STOP_MILLISECONDS, () => `the server did not stop after SIGTERM; its log:\n${this.log()}`);
      const [code] = await Promise.race([this.exited, late]);
      assert.equal(code, 0, `the server ended with ${code} after SIGTERM; its log:\n${this.log()}`);
    } finally {
      this.#remove();
    }
  }

  #remove() {
    this.process.kill('SIGKILL');
    dropDatabase(this.database);
    rmSync(this.folder, { recursive: true, force: true });
  }

  // The owner service client, by its access key.
  owner() {
    return this.client(this.bootstrap.access_key);
  }

  // A service client by its access key, or a user by a function that returns the user's JWT.
  client(keyOrProvider) {
    return new AuthressClient({ authressApiUrl: this.url }, keyOrProvider);
  }

  user(userId) {
    const jwt = this.userToken(userId);
    return this.client(() => jwt);
  }

  userToken(userId) {
    const args = ['token', 'create', userId, '--ttl', '1h', '--json', ...this.#storage()];
    const printed = execFileSync(process.env.PORTCULLIS_BIN, args, { env: environment({ PORTCULLIS_PUBLIC_URL: this.url }) });
    return JSON.parse(printed).token;
  }

  log() {
    return existsSync(this.logPath) ? readFileSync(this.logPath, 'utf8').split('\n').slice(-80).join('\n') : '';
  }

  #storage() {
    return ['--data-dir', this.dataDir, ...(this.database ? ['--database', this.database] : [])];
  }
}

// Starts a server before the tests of a file and stops it after them. The returned object is filled when tests run; its
// `test` shows the server's log when a test fails.
export function withServer() {
  const context = { test: (name, body) => nodeTest(name, () => explained(context, body)) };
  before(async () => {
    context.server = await Server.start();
    context.owner = context.server.owner();
    await context.owner.roles.createRole(role('ro_reader', 'documents:read'));
  });
  after(() => context.server?.stop());
  return context;
}

async function explained(context, body) {
  try {
    await body();
  } catch (error) {
    console.error(context.server.log());
    throw error instanceof Error ? error : new Error(`the SDK threw ${JSON.stringify(error)}`);
  }
}

export function fresh(prefix) {
  return `${prefix}_${randomBytes(5).toString('hex')}`;
}

export function role(roleId, ...actions) {
  return { roleId, name: roleId, permissions: actions.map(action => ({ action, allow: true, grant: false, delegate: false })) };
}

export function record(users, roles, resources, more = {}) {
  return {
    recordId: fresh('rec'),
    name: 'a record',
    users: users.map(userId => ({ userId })),
    statements: [{ roles, resources: resources.map(resourceUri => ({ resourceUri })) }],
    ...more
  };
}

// The SDK throws plain objects with a status; a denied authorizeUser throws an UnauthorizedError.
export async function refused(promise, ...statuses) {
  const error = await promise.then(() => assert.fail(`expected a refusal with ${statuses}`), thrown => thrown);
  assert.ok(statuses.includes(error.status), `expected ${statuses}, got ${JSON.stringify(error)} ${error}`);
  return error;
}

export async function denied(promise) {
  await assert.rejects(promise, { code: 'UnauthorizedError' });
}

async function readUrl(stdout) {
  for await (const line of createInterface({ input: stdout })) {
    const match = line.match(/^listening on (http\S+)/);
    if (match) {
      stdout.resume();
      return match[1];
    }
  }
  return new Promise(() => {});
}

function timeout(milliseconds, message) {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message())), milliseconds).unref();
  });
}

function environment(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PORTCULLIS_'));
  return { ...Object.fromEntries(kept), ...extra };
}

function freshDatabase() {
  const kind = process.env.PORTCULLIS_TEST_DATABASE ?? 'sqlite';
  if (kind === 'sqlite') { return null; }
  assert.equal(kind, 'postgres', 'PORTCULLIS_TEST_DATABASE must be sqlite or postgres');
  const name = fresh('interop');
  psql(`CREATE DATABASE ${name}`);
  const url = new URL(process.env.PORTCULLIS_TEST_POSTGRES);
  url.pathname = `/${name}`;
  return url.toString();
}

function dropDatabase(url) {
  if (url) { psql(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`); }
}

function psql(statement) {
  const args = ['--quiet', '--no-psqlrc', '-v', 'ON_ERROR_STOP=1', '-c', statement, process.env.PORTCULLIS_TEST_POSTGRES];
  execFileSync('psql', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
