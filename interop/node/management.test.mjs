import assert from 'node:assert/strict';
import { denied, fresh, record, refused, role, withServer } from './harness.mjs';

const context = withServer();
const { test } = context;

test('roles are created, read, updated and deleted', async () => {
  const { roles } = context.owner;
  const sent = { ...role(fresh('ro'), 'documents:read'), description: 'reads' };
  const created = await roles.createRole(sent);
  assert.equal(created.status, 201);
  assert.deepEqual(created.data, sent);
  await refused(roles.createRole(sent), 409);

  const updated = await roles.updateRole(sent.roleId, { ...created.data, name: 'renamed' });
  assert.deepEqual([updated.status, updated.data.name], [200, 'renamed']);
  assert.equal((await roles.deleteRole(sent.roleId)).status, 204);
  await refused(roles.getRole(sent.roleId), 404);
});

test('the built-in owner role can be read', async () => {
  const { data } = await context.owner.roles.getRole('Authress:Owner');
  assert.deepEqual(data.permissions, [{ action: '*', allow: true, grant: true, delegate: true }]);
});

test('service clients are created, listed, updated and deleted', async () => {
  const { serviceClients } = context.owner;
  const created = await serviceClients.createClient({ name: 'a client', options: { grantUserPermissionsAccess: true } });
  assert.equal(created.status, 201);
  const { clientId } = created.data;
  assert.deepEqual(created.data.options, { grantUserPermissionsAccess: true, grantTokenGeneration: false });

  assert.ok((await serviceClients.getClients()).data.clients.length > 0);
  const updated = await serviceClients.updateClient(clientId, { ...created.data, name: 'renamed' });
  assert.deepEqual([updated.status, updated.data.name], [200, 'renamed']);
  assert.deepEqual((await serviceClients.getClient(clientId)).data, updated.data);
  assert.equal((await serviceClients.deleteClient(clientId)).status, 204);
  await refused(serviceClients.getClient(clientId), 404);
});

test('an access key is requested without a body, works, and is 401 once deleted', async () => {
  const { owner, server } = context;
  const { clientId } = (await owner.serviceClients.createClient({})).data;
  const created = await owner.serviceClients.requestAccessKey(clientId);
  assert.equal(created.status, 201);
  const { keyId, accessKey } = created.data;

  const listed = (await owner.serviceClients.getClient(clientId)).data.verificationKeys;
  assert.deepEqual(listed.map(key => key.keyId), [keyId]);
  assert.ok(!('accessKey' in listed[0]) && !('clientSecret' in listed[0]));

  await denied(server.client(accessKey).userPermissions.authorizeUser(null, 'docs', 'documents:read'));
  assert.equal((await owner.serviceClients.deleteAccessKey(clientId, keyId)).status, 204);
  await refused(server.client(accessKey).userPermissions.authorizeUser(null, 'docs', 'documents:read'), 401);
});

test('a client without the option gets 403 for another user', async () => {
  const { owner, server } = context;
  const { clientId } = (await owner.serviceClients.createClient({})).data;
  const { accessKey } = (await owner.serviceClients.requestAccessKey(clientId)).data;
  await refused(server.client(accessKey).userPermissions.authorizeUser(fresh('bob'), 'docs', 'documents:read'), 403);
});

test('resource configurations are written, read and listed', async () => {
  const { resources } = context.owner;
  const resource = `/orgs/${fresh('area')}/*`;
  const permissions = [{ action: 'PUBLIC', allow: true }];
  assert.equal((await resources.updateResourcePermissions(resource, { permissions })).status, 200);
  assert.deepEqual((await resources.getResourcePermissions(resource)).data.permissions, permissions);
  assert.ok((await resources.getResources()).data.resources.length > 0);
  await refused(resources.getResourcePermissions(fresh('area')), 404);
});

test('the users of a resource are those with a grant on exactly that resource', async () => {
  const { owner } = context;
  const [area, alice] = [fresh('area'), fresh('alice')];
  await owner.accessRecords.createRecord(record([alice], ['ro_reader'], [`${area}/1`]));
  const { data } = await owner.resources.getResourceUsers(`${area}/1`);
  assert.deepEqual(data.users, [{ userId: alice, roles: [{ roleId: 'ro_reader' }] }]);
  assert.deepEqual((await owner.resources.getResourceUsers(area)).data.users, []);
});

test('an invite is created, read, accepted by the user who knows it, and can be withdrawn', async () => {
  const { owner, server } = context;
  const alice = fresh('alice');
  const body = { statements: [{ roles: ['ro_reader'], resources: [{ resourceUri: 'docs' }] }] };
  const created = await owner.invites.createInvite(body);
  assert.equal(created.status, 201);
  const { inviteId } = created.data;
  assert.deepEqual((await owner.invites.getInvite(inviteId)).data, created.data);

  const user = server.user(alice);
  const accepted = await user.invites.respondToInvite(inviteId);
  assert.equal(accepted.data.accountId, server.bootstrap.account_id);
  await user.userPermissions.authorizeUser(alice, 'docs/1', 'documents:read');

  const withdrawn = (await owner.invites.createInvite(body)).data.inviteId;
  await owner.invites.deleteInvite(withdrawn);
  await refused(owner.invites.getInvite(withdrawn), 404);
});

test('a refusal carries the body that SDKs show', async () => {
  const error = await refused(context.owner.roles.getRole(fresh('ro')), 404);
  for (const member of ['title', 'errorCode', 'errorId']) {
    assert.equal(typeof error.data[member], 'string', member);
  }
});
