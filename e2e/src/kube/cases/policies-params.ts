import type { Body } from '../body.ts';
import { established, sharedGroup } from '../custom-definition.ts';
import { governed, keepParameters } from '../governed.ts';
import type { PolicySpec } from '../governed.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';
import { until } from '../until.ts';

const configMap = sampleOf('ConfigMap');

const create = (session: Session, body: Body = configMap.make('')) => session.ask('POST', configMap.path, body);
const named = (name: string, more: Body = {}): Body => ({
  ...configMap.make(''),
  ...more,
  metadata: { name, ...(more['metadata'] as object | undefined) },
});

const mapKind = { apiVersion: 'v1', kind: 'ConfigMap' };

/** A policy that holds config maps to parameters. */
const limited = (paramRef: Body | undefined, paramKind: Body = mapKind): PolicySpec => ({
  spec: {
    paramKind,
    validations: [
      {
        expression: "params == null || object.data.model in params.data.models.split(',')",
        messageExpression: "'only ' + params.data.models",
      },
    ],
  },
  bindings: [paramRef === undefined ? {} : { paramRef }],
});

const settings = (name: string, models: string) =>
  named(name, { metadata: { labels: { role: 'settings' } }, data: { models, model: models } });

const withSettings = async (session: Session) => {
  await keepParameters(session);
  await session.prepare('POST', configMap.path, settings('small', 'gpt'));
  await session.prepare('POST', configMap.path, settings('large', 'llama,gpt'));
};

/** Which parameters a binding names, and what is done when there are none. */
const references: Readonly<Record<string, Body | undefined>> = {
  'by name': { name: 'small', parameterNotFoundAction: 'Deny' },
  'by name, which allow it': { name: 'large', parameterNotFoundAction: 'Deny' },
  'by labels': { selector: { matchLabels: { role: 'settings' } }, parameterNotFoundAction: 'Deny' },
  'that are not there': { name: 'none', parameterNotFoundAction: 'Deny' },
  'that need not be there': { name: 'none', parameterNotFoundAction: 'Allow' },
  'in a namespace of their own': { name: 'none', namespace: 'default', parameterNotFoundAction: 'Deny' },
  'that the binding does not name': undefined,
};

/** What parameters admission policies have, and what is done when they have none. */
export const policyParameterCases: readonly ContractCase[] = [
  ...Object.entries(references).map(([words, paramRef]) =>
    governed({
      title: `with parameters ${words}`,
      before: withSettings,
      policies: [limited(paramRef)],
      async run(session) {
        await create(session);
      },
    }),
  ),
  governed({
    title: 'with parameters of a kind that nobody serves',
    policies: [limited({ name: 'a', parameterNotFoundAction: 'Allow' }, { apiVersion: 'none.example.com/v1', kind: 'None' })],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'with parameters of a kind without namespaces, named in one',
    policies: [
      limited(
        { name: 'a', namespace: 'default', parameterNotFoundAction: 'Allow' },
        { apiVersion: 'v1', kind: 'PersistentVolume' },
      ),
    ],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'with parameters of a custom kind',
    async before(session) {
      await established(session);
      await session.prepare('POST', `/apis/${sharedGroup}/v1/namespaces/{ns}/modelservers`, {
        apiVersion: `${sharedGroup}/v1`,
        kind: 'ModelServer',
        metadata: { name: 'limits' },
        spec: { model: 'gpt', replicas: 3 },
      });
    },
    policies: [
      {
        spec: {
          paramKind: { apiVersion: `${sharedGroup}/v1`, kind: 'ModelServer' },
          validations: [
            {
              expression: 'object.data.model == params.spec.model && params.spec.replicas == 3',
              messageExpression: "'expected ' + params.spec.model + ' of ' + params.kind",
            },
          ],
        },
        bindings: [{ paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } }],
      },
    ],
    async run(session) {
      await until(
        async () => {
          const { body } = await session.attempt('POST', `${configMap.path}?dryRun=All`, named('probe'));
          return String(body['message']).includes('expected gpt');
        },
        'the parameters are not known',
      );
      await create(session);
      await create(session, named('other', { data: { model: 'gpt' } }));
    },
  }),
];
