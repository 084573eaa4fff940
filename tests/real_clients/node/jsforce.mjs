// Drives jsforce through one scenario after another and prints what it returned, as one JSON object.
// usage: node jsforce.mjs <base URL> <folder of packages>
import { createRequire } from 'node:module';

const [, , base, packages] = process.argv;
const jsforce = createRequire(`${packages}/`)('jsforce');

async function failure(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return { name: error.name, errorCode: error.errorCode, message: error.message };
  }
}

const conn = new jsforce.Connection({ loginUrl: base, version: '60.0' });
const results = {};
const scenarios = {
  async login() {
    const user = await conn.login('ann@example.com', 'secretTOKEN');
    return { user: user.id, organization: user.organizationId, instance: conn.instanceUrl };
  },
  async identity() {
    const identity = await conn.identity();
    return { organization: identity.organization_id, user: identity.user_id };
  },
  async records() {
    const made = await conn.sobject('Account').create({ Name: 'Node' });
    const read = await conn.sobject('Account').retrieve(made.id);
    const changed = await conn.sobject('Account').update({ Id: made.id, Name: 'Node 2' });
    const many = await conn.sobject('Account').create([{ Name: 'N1' }, { Name: 'N2' }]);
    const gone = await conn.sobject('Account').destroy(made.id);
    return { made, name: read.Name, changed, many: many.map((row) => row.success), gone };
  },
  async refusal() {
    return failure(conn.sobject('Contact').create({ FirstName: 'Ann' }));
  },
  async query() {
    const found = await conn.query("SELECT Id, Name FROM Account WHERE Name IN ('N1', 'N2') ORDER BY Name");
    const streamed = [];
    await new Promise((resolve, reject) => {
      conn
        .query('SELECT Id FROM Account')
        .on('record', (record) => streamed.push(record.Id))
        .on('end', resolve)
        .on('error', reject)
        .run({ autoFetch: true, maxFetch: 5000 });
    });
    const one = await conn.sobject('Account').find({ Name: 'N1' }, 'Id, Name').limit(1);
    return { names: found.records.map((r) => r.Name), done: found.done, streamed: streamed.length, one: one[0].Name };
  },
  async wrongQuery() {
    return failure(conn.query('SELECT Nope FROM Account'));
  },
  async describe() {
    const [everything, contact] = [await conn.describeGlobal(), await conn.sobject('Contact').describe()];
    return { objects: everything.sobjects.length > 20, prefix: contact.keyPrefix, fields: contact.fields.length > 20 };
  },
  async search() {
    const found = await conn.search('FIND {N1} IN NAME FIELDS RETURNING Account(Id, Name)');
    return found.searchRecords.map((record) => record.Name);
  },
  async limits() {
    const limits = await conn.request('/limits');
    return { max: limits.DailyApiRequests.Max, used: conn.limitInfo.apiUsage.used > 0 };
  },
  async bulk() {
    const job = conn.bulk.createJob('Lead', 'insert');
    const batch = job.createBatch();
    batch.execute([{ LastName: 'A', Company: 'Bulk' }, { LastName: '', Company: 'Bulk' }]);
    await new Promise((resolve, reject) => {
      batch.on('error', reject);
      batch.on('queue', resolve);
    });
    batch.poll(10, 10000);
    const rows = await new Promise((resolve, reject) => {
      batch.on('response', resolve);
      batch.on('error', reject);
    });
    await job.close();
    return rows.map((row) => ({ success: row.success, errors: row.errors }));
  },
  async bulkQuery() {
    const records = await (await conn.bulk.query("SELECT Id, LastName FROM Lead WHERE Company = 'Bulk'")).toArray();
    return records.map((record) => record.LastName);
  },
  async bulk2() {
    conn.bulk2.pollInterval = 10;
    const done = await conn.bulk2.loadAndWaitForResults({
      object: 'Lead',
      operation: 'insert',
      input: [{ LastName: 'B', Company: 'Bulk2' }],
    });
    const records = await (await conn.bulk2.query("SELECT LastName FROM Lead WHERE Company = 'Bulk2'")).toArray();
    return {
      successful: done.successfulResults.map((row) => row.LastName),
      failed: done.failedResults.length,
      unprocessed: done.unprocessedRecords.length,
      found: records.map((record) => record.LastName),
    };
  },
  async metadata() {
    const made = await conn.metadata.create('CustomObject', [
      {
        fullName: 'Node_Thing__c',
        label: 'Thing',
        pluralLabel: 'Things',
        nameField: { type: 'Text', label: 'Name' },
        deploymentStatus: 'Deployed',
        sharingModel: 'ReadWrite',
      },
    ]);
    const field = await conn.metadata.upsert('CustomField', {
      fullName: 'Node_Thing__c.Key__c',
      label: 'Key',
      type: 'Text',
      length: 30,
      externalId: true,
      unique: true,
      required: true,
    });
    const read = await conn.metadata.read('CustomField', 'Node_Thing__c.Key__c');
    const listed = await conn.metadata.list([{ type: 'CustomField' }]);
    const described = await conn.metadata.describe();
    const bad = await conn.metadata.create('CustomField', { fullName: 'Account.Bad__c', label: 'Bad', type: 'Text' });
    return {
      made: made.map((result) => result.success),
      created: field.created,
      read: { type: read.type, length: read.length, externalId: read.externalId },
      listed: listed.map((item) => item.fullName).includes('Node_Thing__c.Key__c'),
      types: described.metadataObjects.map((item) => item.xmlName),
      bad: { success: bad.success, code: bad.errors[0].statusCode, message: bad.errors[0].message },
    };
  },
  async upsert() {
    const first = await conn.sobject('Node_Thing__c').upsert({ Key__c: 'a/b', Name: 'One' }, 'Key__c');
    const second = await conn.sobject('Node_Thing__c').upsert({ Key__c: 'a/b', Name: 'Two' }, 'Key__c');
    return { created: [first.created, second.created], same: first.id === second.id };
  },
  async removeObject() {
    const result = await conn.metadata.delete('CustomObject', 'Node_Thing__c');
    return result.success;
  },
  async tooling() {
    const found = await conn.tooling.query(
      "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Account' " +
        "AND QualifiedApiName = 'Name'"
    );
    const made = await conn.tooling.sobject('CustomField').create({
      FullName: 'Account.Tooled__c',
      Metadata: { label: 'Tooled', type: 'Checkbox', defaultValue: false },
    });
    const gone = await conn.tooling.sobject('CustomField').destroy(made.id);
    return { names: found.records.map((r) => r.QualifiedApiName), made: made.success, gone: gone.success };
  },
  async composite() {
    const answer = await conn.requestPost('/composite', {
      compositeRequest: [
        { method: 'POST', url: '/services/data/v60.0/sobjects/Account', referenceId: 'a', body: { Name: 'C' } },
        { method: 'GET', url: '/services/data/v60.0/sobjects/Account/@{a.id}', referenceId: 'b' },
      ],
    });
    return answer.compositeResponse.map((part) => part.httpStatusCode);
  },
  async expiredSession() {
    const stale = new jsforce.Connection({ instanceUrl: base, accessToken: 'stale', version: '60.0' });
    let refreshed = 0;
    const renewing = new jsforce.Connection({
      instanceUrl: base,
      accessToken: 'stale',
      version: '60.0',
      refreshFn: (_, done) => {
        refreshed += 1;
        done(null, conn.accessToken);
      },
    });
    const found = await renewing.query('SELECT Id FROM Organization');
    return { error: await failure(stale.query('SELECT Id FROM Organization')), refreshed, size: found.totalSize };
  },
  async oauth() {
    const oauth2 = new jsforce.OAuth2({ loginUrl: base, clientId: 'id', clientSecret: 'secret', redirectUri: 'http://localhost/cb' });
    const other = new jsforce.Connection({ oauth2, version: '60.0' });
    const consent = await fetch(oauth2.getAuthorizationUrl({ scope: 'api refresh_token' }), { redirect: 'manual' });
    const user = await other.authorize(new URL(consent.headers.get('location')).searchParams.get('code'));
    const first = other.accessToken;
    await other.oauth2.refreshToken(other.refreshToken);
    return { user: user.id === conn.userInfo.id, refresh: Boolean(other.refreshToken), token: first.startsWith('00D') };
  },
  async logout() {
    await conn.logout();
    return conn.accessToken;
  },
};

for (const [name, run] of Object.entries(scenarios)) {
  try {
    results[name] = await run();
  } catch (error) {
    results[name] = { failed: `${error.name}: ${error.message}` };
  }
}
console.log(JSON.stringify(results));
