import assert from 'node:assert/strict';
import { denied, fresh, record, refused, withServer } from './harness.mjs';

const context = withServer();
const { test } = context;

test('a record is created, read, updated with the whole body that was read, and deleted', async () => {
  const { owner } = context;
  const user = fresh('auth0|alice');
  const sent = record([user], ['ro_reader'], ['/orgs/o:1/docs/*'], { description: 'about', tags: { a: 'b' } });

  const created = await owner.accessRecords.createRecord(sent);
  assert.equal(created.status, 201);
  assert.deepEqual(created.data.statements, sent.statements);
  assert.deepEqual(created.data.users, sent.users);
  assert.equal(created.data.status, 'ACTIVE');

  const read = await owner.accessRecords.getRecord(sent.recordId);
  assert.deepEqual(read.data, created.data);

  const changed = { ...read.data, name: 'renamed' };
  const updated = await owner.accessRecords.updateRecord(sent.recordId, changed, new Date(read.data.lastUpdated));
  assert.equal(updated.data.name, 'renamed');
  assert.ok(new Date(updated.data.lastUpdated) > new Date(read.data.lastUpdated));

  await owner.accessRecords.deleteRecord(sent.recordId);
  assert.equal((await owner.accessRecords.getRecord(sent.recordId)).data.status, 'DELETED');
  await denied(owner.userPermissions.authorizeUser(user, 'orgs/o:1/docs/1', 'documents:read'));

  assert.equal((await owner.accessRecords.createRecord(sent)).status, 201);
  await owner.userPermissions.authorizeUser(user, 'orgs/o:1/docs/1', 'documents:read');
});

test('the last-modified header is visible and works as the expected time', async () => {
  const { owner } = context;
  const { recordId } = (await owner.accessRecords.createRecord(record([], ['ro_reader'], ['docs']))).data;
  const read = await owner.accessRecords.getRecord(recordId);
  assert.ok(read.headers['last-modified']);
  assert.ok(Math.abs(new Date(read.headers['last-modified']) - new Date(read.data.lastUpdated)) < 1000);
  await owner.accessRecords.updateRecord(recordId, read.data, read.headers['last-modified']);
});

test('an update with an old expected time is 412', async () => {
  const { owner } = context;
  const { data } = await owner.accessRecords.createRecord(record([], ['ro_reader'], ['docs']));
  for (const expected of [new Date(0), '2000-01-01T00:00:00.000Z']) {
    const error = await refused(owner.accessRecords.updateRecord(data.recordId, data, expected), 412);
    assert.ok(error.headers['last-modified']);
  }
});

test('a taken record id is 409 and an unknown one is 404', async () => {
  const { owner } = context;
  const sent = record([], ['ro_reader'], ['docs']);
  await owner.accessRecords.createRecord(sent);
  await refused(owner.accessRecords.createRecord(sent), 409);
  await refused(owner.accessRecords.getRecord(fresh('rec')), 404);
});

test('records are paged by a cursor and filtered by text and status', async () => {
  const { owner } = context;
  const mark = fresh('mark');
  const made = [];
  for (let number = 0; number < 3; number++) {
    made.push((await owner.accessRecords.createRecord(record([], ['ro_reader'], ['docs'], { name: mark }))).data.recordId);
  }
  const found = [];
  let cursor;
  do {
    const { data } = await owner.accessRecords.getRecords(1, cursor, mark.toUpperCase());
    assert.equal(data.records.length, 1);
    found.push(data.records[0].recordId);
    cursor = data.pagination?.next?.cursor;
  } while (cursor);
  assert.deepEqual(found.sort(), made.sort());

  await owner.accessRecords.deleteRecord(made[0]);
  const deleted = await owner.accessRecords.getRecords(null, null, mark, 'DELETED');
  assert.deepEqual(deleted.data.records.map(entry => entry.recordId), [made[0]]);
});

test('a claim makes the user the owner, once', async () => {
  const { owner, server } = context;
  const [teams, alice] = [fresh('teams'), fresh('alice')];
  await owner.resources.updateResourcePermissions(teams, { permissions: [{ action: 'CLAIM', allow: true }] });
  const user = server.user(alice);
  const body = { collectionResource: teams, resourceId: 't1' };
  assert.equal((await user.accessRecords.createClaim(body)).status, 201);
  await user.userPermissions.authorizeUser(alice, `${teams}/t1`, 'anything');
  await refused(user.accessRecords.createClaim(body), 409);
  await refused(user.accessRecords.createClaim({ ...body, collectionResource: fresh('private') }), 403);
});
