// Drives @hubspot/api-client through one scenario after another and prints what it returned, as one JSON object.
// usage: node hubspot.mjs <base URL> <folder of packages>
import { createRequire } from 'node:module';

const [, , base, packages] = process.argv;
const { Client } = createRequire(`${packages}/`)('@hubspot/api-client');

async function failure(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return { status: error.code, message: error.body?.message, category: error.body?.category };
  }
}

const hubspot = new Client({ accessToken: 'pat-na1-node', basePath: base });
const contacts = hubspot.crm.contacts;
const link = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 };
const results = {};
let number = 0;
const email = () => `node${(number += 1)}@example.com`;
const contact = (properties = {}) =>
  contacts.basicApi.create({ properties: { email: email(), ...properties }, associations: [] });

const scenarios = {
  async contacts() {
    const made = await contact({ firstname: 'Ann' });
    const read = await contacts.basicApi.getById(made.id, ['email', 'firstname']);
    const changed = await contacts.basicApi.update(made.id, { properties: { lastname: 'Lee' } });
    const byEmail = await contacts.basicApi.getById(
      read.properties.email, undefined, undefined, undefined, false, 'email'
    );
    await contacts.basicApi.archive(made.id);
    return {
      first: read.properties.firstname,
      last: changed.properties.lastname,
      same: byEmail.id === made.id,
      created: made.createdAt instanceof Date,
      gone: await failure(contacts.basicApi.getById(made.id)),
    };
  },
  async conflict() {
    const made = await contact();
    const refused = await failure(contact({ email: made.properties.email }));
    return { status: refused.status, category: refused.category, named: refused.message.includes(made.id) };
  },
  async unknownProperty() {
    const refused = await failure(contact({ nonsense: 'x' }));
    return { status: refused.status, category: refused.category, code: refused.message.includes('PROPERTY_DOESNT_EXIST') };
  },
  async pages() {
    const made = await Promise.all([contact(), contact(), contact()]);
    const page = await contacts.basicApi.getPage(2);
    const all = (await contacts.getAll()).map((item) => item.id);
    return { first: page.results.length, after: Boolean(page.paging.next.after), all: made.every((item) => all.includes(item.id)) };
  },
  async batches() {
    const made = await contacts.batchApi.create({
      inputs: [1, 2].map(() => ({ properties: { email: email() }, associations: [] })),
    });
    const ids = made.results.map(({ id }) => ({ id }));
    const read = await contacts.batchApi.read({ inputs: [...ids, { id: '999999999' }], properties: [], propertiesWithHistory: [] });
    const updated = await contacts.batchApi.update({ inputs: ids.map((item) => ({ ...item, properties: { city: 'Rome' } })) });
    await contacts.batchApi.archive({ inputs: ids });
    return {
      made: [made.status, made.results.length],
      read: [read.results.length, read.numErrors],
      cities: updated.results.map((item) => item.properties.city),
    };
  },
  async search() {
    await contact({ city: 'Nodeville', lastname: 'B' });
    await contact({ city: 'Nodeville', lastname: 'A' });
    const found = await contacts.searchApi.doSearch({
      filterGroups: [{ filters: [{ propertyName: 'city', operator: 'EQ', value: 'Nodeville' }] }],
      sorts: ['lastname'],
      properties: ['lastname'],
      limit: 10,
      after: '0',
    });
    return { total: found.total, names: found.results.map((item) => item.properties.lastname) };
  },
  async associations() {
    const person = await contact();
    const company = await hubspot.crm.companies.basicApi.create({ properties: { name: 'Acme' }, associations: [] });
    const api = hubspot.crm.associations.v4.basicApi;
    const made = await api.create('contacts', person.id, 'companies', company.id, [link]);
    const found = await api.getPage('contacts', person.id, 'companies');
    await api.archive('contacts', person.id, 'companies', company.id);
    const after = await api.getPage('contacts', person.id, 'companies');
    return {
      to: String(made.toObjectId) === company.id,
      found: found.results.map((item) => String(item.toObjectId) === company.id),
      after: after.results.length,
    };
  },
  async properties() {
    const made = await hubspot.crm.properties.coreApi.create('contacts', {
      name: 'node_pet',
      label: 'Pet',
      type: 'string',
      fieldType: 'text',
      groupName: 'contactinformation',
    });
    const listed = (await hubspot.crm.properties.coreApi.getAll('contacts')).results.map((item) => item.name);
    const again = await failure(hubspot.crm.properties.coreApi.create('contacts', { ...made, options: [] }));
    return { name: made.name, listed: listed.includes('node_pet'), again: again.status };
  },
  async schemas() {
    const schema = await hubspot.crm.schemas.coreApi.create({
      name: 'node_boat',
      labels: { singular: 'Boat', plural: 'Boats' },
      primaryDisplayProperty: 'boat_name',
      requiredProperties: ['boat_name'],
      properties: [{ name: 'boat_name', label: 'Name', type: 'string', fieldType: 'text' }],
      associatedObjects: ['CONTACT'],
    });
    const made = await hubspot.crm.objects.basicApi.create(schema.objectTypeId, {
      properties: { boat_name: 'Titanic' },
      associations: [],
    });
    return { type: schema.objectTypeId.startsWith('2-'), name: made.properties.boat_name };
  },
  async pipelines() {
    const found = await hubspot.crm.pipelines.pipelinesApi.getAll('deals');
    return found.results.map((pipeline) => pipeline.id).includes('default');
  },
  async owners() {
    const owners = await hubspot.crm.owners.ownersApi.getPage();
    return owners.results.length > 0;
  },
  async plainRequest() {
    const answer = await hubspot.apiRequest({ method: 'GET', path: '/account-info/v3/details' });
    return { status: answer.status, portal: Number.isInteger((await answer.json()).portalId) };
  },
  async missingToken() {
    return (await failure(new Client({ basePath: base }).crm.contacts.basicApi.getPage())).status;
  },
  async oauth() {
    const redirect = 'http://localhost/cb';
    const query = new URLSearchParams({ client_id: 'id', redirect_uri: redirect, scope: 'oauth' });
    const consent = await fetch(`${base}/oauth/authorize?${query}`, { redirect: 'manual' });
    const code = new URL(consent.headers.get('location')).searchParams.get('code');
    const api = new Client({ basePath: base }).oauth.tokensApi;
    const tokens = await api.create('authorization_code', code, redirect, 'id', 'secret');
    const again = await api.create('refresh_token', undefined, redirect, 'id', 'secret', tokens.refreshToken);
    return { type: tokens.tokenType, expires: tokens.expiresIn, same: again.refreshToken === tokens.refreshToken };
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
