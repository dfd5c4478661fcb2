import assert from 'node:assert/strict';
import { denied, fresh, record, refused, role, withServer } from './harness.mjs';

const context = withServer();
const { test } = context;

// A user with one grant; returns the user's id.
async function reader(...resources) {
  const user = fresh('auth0|alice');
  await context.owner.accessRecords.createRecord(record([user], ['ro_reader'], resources));
  return user;
}

test('authorizeUser resolves for yes and throws an UnauthorizedError for no', async () => {
  const { owner } = context;
  const user = await reader('/orgs/o:1/docs/*');
  assert.equal((await owner.userPermissions.authorizeUser(user, '/orgs/o:1/docs/d1', 'documents:READ')).status, 200);
  assert.equal((await owner.userPermissions.authorizeUser(user, 'orgs/o:1/docs/d1/sub', 'documents:read')).status, 200);
  assert.equal((await owner.userPermissions.authorizeUser(user, 'orgs/o:1/docs/*', 'documents:read')).status, 200);
  await denied(owner.userPermissions.authorizeUser(user, 'orgs/o:1/docs/d1', 'documents:write'));
  await denied(owner.userPermissions.authorizeUser(user, 'orgs/o:2/docs/d1', 'documents:read'));
  await denied(owner.userPermissions.authorizeUser(fresh('nobody'), 'orgs/o:1/docs/d1', 'documents:read'));
});

test('a user asks about itself and gets 403 for others', async () => {
  const user = await reader('docs');
  const client = context.server.user(user);
  await client.userPermissions.authorizeUser(user, 'docs/1', 'documents:read');
  await client.userPermissions.authorizeUser(null, 'docs/1', 'documents:read');
  await denied(client.userPermissions.authorizeUser(user, 'docs/1', 'documents:write'));
  await refused(client.userPermissions.authorizeUser(await reader('docs'), 'docs/1', 'documents:read'), 403);
});

test('without a user id the SDK asks about its own service client', async () => {
  const { owner, server } = context;
  const { clientId } = (await owner.serviceClients.createClient({ name: 'a client' })).data;
  const { accessKey } = (await owner.serviceClients.requestAccessKey(clientId)).data;
  await owner.accessRecords.createRecord(record([clientId], ['ro_reader'], ['docs']));
  const client = server.client(accessKey);
  await client.userPermissions.authorizeUser(null, 'docs/1', 'documents:read');
  await denied(client.userPermissions.authorizeUser(null, 'docs/1', 'documents:write'));
});

test('permissions and roles of a user for a resource', async () => {
  const { owner } = context;
  const user = await reader('docs/1');
  const permissions = await owner.userPermissions.getUserPermissionsForResource(user, 'docs/1/2');
  assert.equal(permissions.data.userId, user);
  assert.deepEqual(permissions.data.permissions, role('x', 'documents:read').permissions);
  const roles = await owner.userPermissions.getUserRolesForResource(user, '/docs/1');
  assert.deepEqual(roles.data.roles, [{ roleId: 'ro_reader' }]);
  await refused(owner.userPermissions.getUserRolesForResource(user, 'docs/1/2'), 404);
  await refused(owner.userPermissions.getUserPermissionsForResource(user, 'elsewhere'), 404);
});

test('a literal undefined resource and a null cursor mean the whole account', async () => {
  const user = await reader('docs/1', 'docs/2');
  const { userPermissions } = context.owner;
  const found = [];
  let cursor = null;
  do {
    const { data } = await userPermissions.getUserResources(user, undefined, 1, cursor, 'documents:read', 'INCLUDE_NESTED');
    found.push(...data.resources.map(entry => entry.resourceUri));
    cursor = data.pagination?.next?.cursor;
  } while (cursor);
  assert.deepEqual(found, ['docs/1', 'docs/2']);
});

test('getUserResources reports access to the whole collection from its own check, without a list', async () => {
  const user = await reader('docs');
  const { data } = await context.owner.userPermissions.getUserResources(user, 'docs', 20, null, 'documents:read');
  assert.deepEqual([data.accessToAllSubResources, data.resources], [true, null]);
});

test('getUserResources lists the direct children when the check of the collection is denied', async () => {
  const area = fresh('area');
  const user = await reader(`${area}/1`, `${area}/2/deep/3`);
  const { userPermissions } = context.owner;
  const top = await userPermissions.getUserResources(user, area, 20, null, 'documents:read', 'TOP_LEVEL_ONLY');
  assert.equal(top.data.accessToAllSubResources, undefined);
  assert.deepEqual(top.data.resources, [{ resourceUri: `${area}/1` }]);
  const nested = await userPermissions.getUserResources(user, `${area}/*`, 20, null, 'documents:read', 'INCLUDE_NESTED');
  assert.deepEqual(nested.data.resources, [{ resourceUri: `${area}/1` }, { resourceUri: `${area}/2/deep/3` }]);
});

test('access to everything below answers the check of a wildcard collection', async () => {
  const area = fresh('area');
  const user = await reader(`${area}/*`);
  const { data } = await context.owner.userPermissions.getUserResources(user, `${area}/*`, 20, null, 'documents:read');
  assert.equal(data.accessToAllSubResources, true);
});

test('a user token is limited to its statements, carries the user, and can be disabled', async () => {
  const { owner, server } = context;
  const user = await reader('docs');
  const statements = [{ roles: ['ro_reader'], resources: [{ resourceUri: 'docs/1' }] }];
  const expires = new Date(Date.now() + 600_000).toISOString();

  const { data } = await owner.userPermissions.requestUserToken(user, { statements, expires });
  assert.equal(data.userId, user);
  const client = server.client(() => data.token);
  await client.userPermissions.authorizeUser(null, 'docs/1', 'documents:read');
  await denied(client.userPermissions.authorizeUser(user, 'docs/2', 'documents:read'));

  assert.equal((await owner.userPermissions.disableUserToken(user, data.tokenId)).status, 204);
  await refused(client.userPermissions.authorizeUser(user, 'docs/1', 'documents:read'), 401);
  await refused(owner.userPermissions.disableUserToken(user, fresh('token')), 404);
});

test('a user may not mint tokens for another', async () => {
  const statements = [{ roles: ['ro_reader'], resources: [{ resourceUri: 'docs' }] }];
  const client = context.server.user(fresh('alice'));
  await refused(client.userPermissions.requestUserToken(fresh('bob'), { statements }), 403);
});

test('an unknown user is 404', async () => {
  await refused(context.owner.users.getUser(fresh('user')), 404);
});
