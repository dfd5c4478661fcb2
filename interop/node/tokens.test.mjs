import { AuthressClient } from '@authress/sdk';
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { fresh, refused, withServer } from './harness.mjs';

const context = withServer();
const { test } = context;

test('verifyToken accepts a user token and returns who it is', async () => {
  const { owner, server } = context;
  const user = fresh('alice');
  const payload = await owner.verifyToken(server.userToken(user));
  assert.deepEqual([payload.sub, payload.iss], [user, server.url]);
});

test('verifyToken accepts an access key and the token that the SDK makes from it', async () => {
  const { owner, server } = context;
  const { access_key: accessKey, client_id: clientId } = server.bootstrap;
  assert.equal((await owner.verifyToken(accessKey)).sub, clientId);
  assert.equal((await owner.verifyToken(await owner.tokenProvider())).sub, clientId);
});

test('verifyToken refuses a changed token', async () => {
  const { owner, server } = context;
  const [head, body, signature] = server.userToken(fresh('alice')).split('.');
  const payload = { ...JSON.parse(Buffer.from(body, 'base64url')), sub: 'root' };
  const changed = [head, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.');
  await assert.rejects(owner.verifyToken(changed), { code: 'TokenVerificationError' });
  await refused(server.client(() => changed).roles.getRole('Authress:Owner'), 401);
});

test('a foreign key under the name of a client is 401', async () => {
  const { server } = context;
  const [clientId, keyId, accountId] = server.bootstrap.access_key.split('.');
  const secret = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  const client = server.client([clientId, keyId, accountId, secret].join('.'));
  await refused(client.roles.getRole('Authress:Owner'), 401);
});

test('setToken changes the caller', async () => {
  const { server } = context;
  const user = fresh('alice');
  const client = server.owner();
  client.setToken(server.userToken(user));
  await refused(client.userPermissions.authorizeUser(fresh('bob'), 'docs', 'documents:read'), 403);
});

test('the URL may be written with the name localhost or with a slash at its end', async () => {
  const { server } = context;
  for (const authressApiUrl of [`localhost:${new URL(server.url).port}`, `${server.url}/`]) {
    const client = new AuthressClient({ authressApiUrl }, server.bootstrap.access_key);
    assert.equal((await client.roles.getRole('Authress:Owner')).status, 200);
  }
});
