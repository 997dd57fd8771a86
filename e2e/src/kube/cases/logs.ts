import type { ContractCase } from '../session.ts';

const pods = '/api/v1/namespaces/{ns}/pods';
const container = (name: string) => ({ name, image: 'x' });
const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec });

const refused = [
  'tailLines=-1',
  'tailLines=x',
  'limitBytes=0',
  'sinceSeconds=0',
  'sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z',
  'tailLines=-1&limitBytes=0',
  'container=none',
  'container=first',
  'container=two',
  '',
];

/** Logs of pods that nothing runs: which container is meant, and how much of its log. */
export const logCases: readonly ContractCase[] = [
  ...refused.map(
    (query): ContractCase => ({
      title: `logs: asked with ${query === '' ? 'nothing' : query}`,
      async run(session) {
        const spec = { containers: [container('one'), container('two')], initContainers: [container('first')] };
        await session.prepare('POST', pods, pod(spec));
        await session.ask('GET', `${pods}/a/log?${query}`);
      },
    }),
  ),
  {
    title: 'logs: of a pod that is not there',
    async run(session) {
      await session.ask('GET', `${pods}/none/log`);
      await session.ask('GET', `${pods}/none/log?tailLines=-1`);
      await session.ask('POST', `${pods}/none/log`, {});
    },
  },
];
