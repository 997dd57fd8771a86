import type { Body } from '../body.ts';
import { bodyAt, set } from '../body.ts';
import { gadget, ownGroup, pathOf, served, smallDefinition } from '../custom-definition.ts';
import type { ContractCase } from '../session.ts';
import { until } from '../until.ts';

const text = { type: 'string' };
const list = { type: 'array', items: { type: 'object', properties: { name: text } } };
const merge = { type: 'application/merge-patch+json' };
const apply = { type: 'application/apply-patch+yaml' };

/** A definition of two versions that share a field and have one each of their own. */
function twoVersions(group: string, stored: 'v1' | 'v2'): Body {
  const made = smallDefinition(group);
  const first = bodyAt(made, 'spec.versions.0');
  const version = (name: string, fields: object) => {
    const one = structuredClone(first);
    set(one, 'schema.openAPIV3Schema.properties.spec.properties', { model: text, ...fields });
    return { ...one, name, storage: name === stored };
  };
  set(made, 'spec.versions', [version('v1', { early: text }), version('v2', { late: text, stages: list })]);
  return made;
}

/** Objects of a kind whose versions have different fields, without a conversion between them. */
export const customVersionCases: readonly ContractCase[] = (['v1', 'v2'] as const).map((stored) => ({
  title: `custom object: versions with different fields, stored in ${stored}`,
  async run(session) {
    const made = twoVersions(ownGroup(session), stored);
    const v1 = await served(session, made);
    const v2 = pathOf(made, 'v2');
    await until(async () => (await session.attempt('GET', v2)).status === 200, `${v2} is not served`);
    const late = (name: string, spec: object) => ({ ...gadget(made, name, { spec }), apiVersion: `${ownGroup(session)}/v2` });
    const early = (name: string, spec: object) => gadget(made, name, { spec });
    await session.ask('POST', v2, late('a', { model: 'x', late: 'y' }));
    await session.ask('GET', `${v1}/a`);
    await session.ask('GET', `${v2}/a`);
    await session.ask('POST', v1, early('b', { model: 'x', early: 'y' }));
    await session.ask('GET', `${v2}/b`);
    await session.ask('PATCH', `${v2}/b`, { spec: { late: 'z' } }, merge);
    await session.ask('GET', `${v1}/b`);
    await session.ask('PATCH', `${v2}/c?fieldManager=one`, late('c', { model: 'x', late: 'y' }), apply);
    await session.ask('PATCH', `${v1}/d?fieldManager=one`, early('d', { model: 'x', early: 'y' }), apply);
    await session.ask('PATCH', `${v1}/d?fieldManager=two`, early('d', { early: 'y' }), apply);
    await session.ask('PATCH', `${v1}/d?fieldManager=two`, early('d', { early: 'z' }), apply);
    await session.ask('PATCH', `${v2}/d?fieldManager=one`, late('d', { model: 'x', late: 'y' }), apply);
    await session.ask('PATCH', `${v2}/d?fieldManager=one`, late('d', { model: 'z' }), apply);
    await session.ask('PATCH', `${v2}/e?fieldManager=one`, late('e', { stages: [{ name: 'a' }] }), apply);
    await session.ask('PATCH', `${v1}/f?fieldManager=one`, early('f', { late: 'y' }), apply);
    await session.ask('PUT', `${v2}/d`, late('d', { model: 'q', late: 'u' }));
    await session.ask('PATCH', `${v1}/d?fieldManager=three`, early('d', { model: 'p' }), apply);
    await session.ask('PATCH', `${v1}/d?fieldManager=three&force=true`, early('d', { model: 'p' }), apply);
    await session.ask('GET', v1);
    await session.ask('GET', v2);
  },
}));
