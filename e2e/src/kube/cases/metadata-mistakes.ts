import { set } from '../body.ts';
import { clusterSamples, namespacedSamples, objectPath, type Sample } from '../objects.ts';
import type { ContractCase } from '../session.ts';

const mistakes: readonly (readonly [path: string, value: unknown])[] = [
  ['metadata.labels', { 'a b': 'c' }],
  ['metadata.annotations', { 'a b': 'c' }],
  ['metadata.finalizers', ['a b']],
];

/** The causes of a refused update tell a mistake once or more, kind by kind. */
const updated = (sample: Sample): ContractCase => ({
  title: `update: ${sample.kind} with mistakes in its metadata`,
  async run(session) {
    const made = await session.prepare('POST', sample.path, sample.make(session.namespace));
    for (const [path, value] of mistakes) {
      const body = structuredClone(made.body);
      set(body, path, value);
      await session.ask('PUT', objectPath(sample, made.body), body);
    }
  },
});

/** Every kind that there is a sample of, updated with labels, annotations and finalizers that nothing may have. */
export const metadataMistakeCases: readonly ContractCase[] = [...namespacedSamples, ...clusterSamples].map(
  updated,
);
