import { bodyAt, set } from '../body.ts';
import type { Body } from '../body.ts';
import { definition, definitions, discovered, established, ownGroup } from '../custom-definition.ts';
import type { ContractCase, Session } from '../session.ts';
import { until } from '../until.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const merge = { type: 'application/merge-patch+json' };

const model = 'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties.model';

const badDefinitions: readonly (readonly [title: string, change: (made: Body) => void])[] = [
  ['of a wrong name', (made) => set(made, 'metadata.name', 'others.example.com')],
  ['without versions', (made) => set(made, 'spec.versions', [])],
  [
    'with two storage versions',
    (made) => set(made, 'spec.versions.1', { ...bodyAt(made, 'spec.versions.0'), name: 'v2' }),
  ],
  ['with no storage version', (made) => set(made, 'spec.versions.0.storage', false)],
  ['without a schema', (made) => set(made, 'spec.versions.0.schema', undefined)],
  [
    'with a schema that is not structural',
    (made) => {
      set(made, 'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties.model.type', undefined);
    },
  ],
  [
    'with a default of a wrong type',
    (made) => {
      set(made, 'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties.replicas.default', 'many');
    },
  ],
  [
    'with a bad pattern',
    (made) => {
      set(made, 'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties.model.pattern', '(');
    },
  ],
  [
    'with a list map without keys',
    (made) => {
      set(
        made,
        'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties.stages.x-kubernetes-list-map-keys',
        undefined,
      );
    },
  ],
  ['with a bad scope', (made) => set(made, 'spec.scope', 'Everywhere')],
  ['with a bad plural', (made) => set(made, 'spec.names.plural', 'Model_Servers')],
  [
    'with a column without a path',
    (made) => set(made, 'spec.versions.0.additionalPrinterColumns.0.jsonPath', ''),
  ],
  [
    'with a column of a bad type',
    (made) => set(made, 'spec.versions.0.additionalPrinterColumns.0.type', 'colour'),
  ],
  [
    'with a bad scale path',
    (made) => set(made, 'spec.versions.0.subresources.scale.specReplicasPath', '.replicas'),
  ],
  ['with a webhook that is not said', (made) => set(made, 'spec.conversion', { strategy: 'Webhook' })],
  ['with preserveUnknownFields', (made) => set(made, 'spec.preserveUnknownFields', true)],
  [
    'with a rule that is no CEL',
    (made) => {
      set(made, 'spec.versions.0.schema.openAPIV3Schema.properties.spec.x-kubernetes-validations', [
        { rule: 'self..' },
      ]);
    },
  ],
  ['with a number for a type in a list', (made) => set(made, model, { type: 'array', items: { type: 7 } })],
  [
    'with text for additional properties',
    (made) => set(made, model, { type: 'object', additionalProperties: 'x' }),
  ],
  [
    'with an unknown field of a schema in a list',
    (made) => set(made, model, { type: 'array', items: { type: 'string', bogus: 1 } }),
  ],
  ['without a name', (made) => set(made, 'metadata', {})],
  ['with bad labels and finalizers', (made) => set(made, 'metadata', badMetadata(made))],
  [
    'with a rule that costs too much',
    (made) => {
      const items = { type: 'string' };
      const rule = 'self.all(one, self.exists(other, one == other))';
      set(made, model, { type: 'array', items, 'x-kubernetes-validations': [{ rule }] });
    },
  ],
];

function badMetadata(made: Body): Body {
  return { ...bodyAt(made, 'metadata'), finalizers: ['a b'], labels: { '-': 'x' }, namespace: 'default' };
}

/** Definitions of custom kinds: what is refused, and what a server does with those that it takes. */
export const definitionCases: readonly ContractCase[] = [
  ...badDefinitions.map(([title, change]) => ({
    title: `definition: ${title}`,
    async run(session: Session) {
      const made = definition(ownGroup(session));
      change(made);
      await session.ask('POST', definitions, made);
    },
  })),
  {
    title: 'definition: made, read, discovered, changed, deleted',
    async run(session) {
      await session.ask('POST', `${definitions}?dryRun=All`, definition(ownGroup(session)));
      await established(session, definition(ownGroup(session)));
      await discovered(session, ownGroup(session), 'v1', 3);
      const name = `${definitions}/modelservers.${session.namespace}.example.com`;
      await session.ask('GET', name);
      await session.ask('GET', name, undefined, { accept: table });
      await session.ask('GET', `/apis/${session.namespace}.example.com`);
      await session.ask('GET', `/apis/${session.namespace}.example.com/v1`);
      await session.ask('PATCH', name, { spec: { scope: 'Cluster' } }, merge);
      await session.ask('PATCH', name, { spec: { group: 'other.example.com' } }, merge);
      await session.ask('PATCH', name, { spec: { names: { shortNames: ['msv'] } } }, merge);
      await session.prepare('DELETE', name);
      await until(async () => (await session.attempt('GET', name)).status === 404, `${name} is still there`);
      await session.ask('GET', name);
    },
  },
];
