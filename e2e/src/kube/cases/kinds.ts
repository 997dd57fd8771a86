import { bodyAt, set } from '../body.ts';
import { clusterSamples, namespacedSamples, objectPath } from '../objects.ts';
import type { ContractCase } from '../session.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json';

/** The life of one object of every kind: made with its defaults, read, printed, patched, applied, deleted. */
export const kindCases: readonly ContractCase[] = [...namespacedSamples, ...clusterSamples].flatMap(
  (sample) => [
    {
      title: `${sample.kind}: created with its defaults, read back, deleted`,
      async run(session) {
        const made = await session.ask('POST', sample.path, sample.make(session.namespace));
        const path = objectPath(sample, made.body);
        await session.ask('GET', path);
        await session.ask('POST', sample.path, sample.make(session.namespace));
        await session.ask('DELETE', path);
        await session.ask('GET', path);
      },
    },
    {
      title: `${sample.kind}: printed as a table and as metadata`,
      async run(session) {
        const made = await session.prepare('POST', sample.path, sample.make(session.namespace));
        const path = objectPath(sample, made.body);
        await session.ask('GET', path, undefined, { accept: table });
        await session.ask('GET', path, undefined, { accept: partial });
        await session.prepare('DELETE', path);
      },
    },
    {
      title: `${sample.kind}: applied, applied again without change, applied by another manager`,
      async run(session) {
        const object = sample.make(session.namespace);
        const path = objectPath(sample, object);
        const apply = { type: 'application/apply-patch+yaml' };
        await session.ask('PATCH', `${path}?fieldManager=one`, object, apply);
        await session.ask('PATCH', `${path}?fieldManager=one`, object, apply);
        set(object, 'metadata.labels', { ...bodyAt(object, 'metadata.labels'), team: 'serving' });
        await session.ask('PATCH', `${path}?fieldManager=two`, object, apply);
        set(object, 'metadata.labels.team', 'research');
        await session.ask('PATCH', `${path}?fieldManager=one`, object, apply);
        await session.ask('PATCH', `${path}?fieldManager=one&force=true`, object, apply);
        await session.prepare('DELETE', path);
      },
    },
    {
      title: `${sample.kind}: patched three ways`,
      async run(session) {
        const made = await session.prepare('POST', sample.path, sample.make(session.namespace));
        const path = objectPath(sample, made.body);
        const labels = (value: string | null) => ({ metadata: { labels: { patched: value } } });
        await session.ask('PATCH', path, labels('merge'), { type: 'application/merge-patch+json' });
        await session.ask('PATCH', path, labels('strategic'), {
          type: 'application/strategic-merge-patch+json',
        });
        await session.ask(
          'PATCH',
          path,
          [{ op: 'replace', path: '/metadata/labels/patched', value: 'json' }],
          {
            type: 'application/json-patch+json',
          },
        );
        await session.ask('PATCH', path, labels(null), { type: 'application/merge-patch+json' });
        await session.prepare('DELETE', path);
      },
    },
  ],
);
