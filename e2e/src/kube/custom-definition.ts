import { at, itemsAt, textAt } from './body.ts';
import type { Body } from './body.ts';
import type { Session } from './session.ts';
import type { Value } from './transcript.ts';
import { until } from './until.ts';

/** Where definitions of custom kinds are. */
export const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['model'],
      properties: {
        model: { type: 'string', minLength: 2, maxLength: 20, pattern: '^[a-z0-9-]+$' },
        replicas: { type: 'integer', minimum: 0, maximum: 100, default: 1 },
        precision: { type: 'string', enum: ['fp16', 'fp8', 'int4'], default: 'fp16' },
        ratio: { type: 'number', exclusiveMinimum: true, minimum: 0 },
        tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', maxItems: 3 },
        stages: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, weight: { type: 'integer', default: 10 } },
          },
        },
        port: { 'x-kubernetes-int-or-string': true },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        limits: { type: 'object', additionalProperties: { type: 'string' } },
        note: { type: 'string', nullable: true },
        window: { type: 'string', format: 'date-time' },
        atomic: {
          type: 'object',
          'x-kubernetes-map-type': 'atomic',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
        },
        minimum: { type: 'integer' },
        maximum: { type: 'integer' },
      },
      'x-kubernetes-validations': [
        {
          rule: '!has(self.minimum) || !has(self.maximum) || self.minimum <= self.maximum',
          message: 'minimum above maximum',
        },
        { rule: 'self.model == oldSelf.model', message: 'model is immutable' },
      ],
    },
    status: {
      type: 'object',
      properties: {
        phase: { type: 'string' },
        replicas: { type: 'integer' },
        selector: { type: 'string' },
      },
    },
  },
};

/** The group of the definition that cases about objects share: a real server takes two seconds to serve a new one. */
export const sharedGroup = 'shared.example.com';

/** A definition; in a group of the case's own when the case is about the definition, so that cases do not meet. */
export function definition(group: string): Body {
  return structuredClone({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `modelservers.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'modelservers', singular: 'modelserver', kind: 'ModelServer', shortNames: ['ms'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          additionalPrinterColumns: [
            { name: 'Model', type: 'string', jsonPath: '.spec.model' },
            { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', description: 'how many' },
            { name: 'Stage', type: 'string', jsonPath: '.spec.stages[0].name', priority: 1 },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
        },
      ],
    },
  });
}

/** The group of one case. */
export const ownGroup = (session: Session) => `${session.namespace}.example.com`;

/** Makes the definition and waits until its resource is served. */
export async function established(session: Session, made = definition(sharedGroup)): Promise<string> {
  const { status, body } = await session.attempt('POST', definitions, made);
  if (status !== 201 && status !== 409)
    throw new Error(`the definition was refused: ${JSON.stringify(body)}`);
  const path = pathOf(made);
  await until(async () => (await session.attempt('GET', path)).status === 200, `${path} is not served`);
  return path;
}

/** A definition with nothing in it that is not needed, in a group of a case's own. */
export function smallDefinition(group: string): Body {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gadgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'gadgets', kind: 'Gadget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', properties: { model: { type: 'string' } } } },
            },
          },
        },
      ],
    },
  };
}

/** Makes a definition and waits until its first version is served. @returns the path of its objects in the case's namespace. */
export async function served(session: Session, made: Body): Promise<string> {
  await session.prepare('POST', definitions, made);
  const path = pathOf(made);
  await until(async () => (await session.attempt('GET', path)).status === 200, `${path} is not served`);
  return path;
}

/** Waits until discovery tells of a version of a group and of so many resources in it: a real server serves a kind before that. */
export async function discovered(
  session: Session,
  group: string,
  version: string,
  resources: number,
): Promise<void> {
  const sees = async (path: string, is: (body: Body) => boolean) =>
    until(async () => is((await session.attempt('GET', path)).body), `${path} does not tell of ${version}`);
  await sees(`/apis/${group}/${version}`, (body) => itemsAt(body, 'resources').length === resources);
  const isServed = (body: Body) => itemsAt(body, 'versions').some((one) => at(one, 'version') === version);
  await sees(`/apis/${group}`, isServed);
}

/** Where objects of a definition are, in a version or in its first one; `{ns}` stands for the namespace. */
export function pathOf(made: Body, version = textAt(made, 'spec.versions.0.name')): string {
  const place = textAt(made, 'spec.scope') === 'Cluster' ? '' : 'namespaces/{ns}/';
  return `/apis/${textAt(made, 'spec.group')}/${version}/${place}${textAt(made, 'spec.names.plural')}`;
}

/** Where a definition is. */
export function definitionPath(made: Body): string {
  return `${definitions}/${textAt(made, 'metadata.name')}`;
}

/** An object of the kind of a definition. */
export function gadget(made: Body, name = 'sample', more: object = {}): Body {
  const apiVersion = `${textAt(made, 'spec.group')}/${textAt(made, 'spec.versions.0.name')}`;
  return { apiVersion, kind: textAt(made, 'spec.names.kind'), metadata: { name }, ...more };
}

/** Writes down a part of an answer, when the rest of it is about other cases too. */
export function note(session: Session, asked: string, found: unknown): void {
  session.exchanges.push({ asked, status: 200, headers: {}, body: structuredClone(found) as Value });
}
