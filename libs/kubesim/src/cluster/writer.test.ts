import { expect, it } from 'vitest';
import type { Reviewer } from '../admission/review.ts';
import { openCatalog } from '../schema/catalog.ts';
import { createStore } from '../store/memory-store.ts';
import { storeKey } from './prepare.ts';
import { Registry } from './registry.ts';
import type { Target } from './target.ts';
import { Writer } from './writer.ts';

it('an update whose object others change each time before it is written is refused with 409, not repeated for ever', () => {
  const store = createStore();
  const registry = new Registry(openCatalog());
  const resource = registry.all().find(({ kind }) => kind === 'Namespace')!;
  const target: Target = { resource, namespace: '', name: 'team', subresource: '' };
  const key = storeKey(resource, '', 'team');
  let reviews = 0;
  let areOthersBusy = false;
  const change = () => {
    reviews += 1;
    const stored = store.get(key);
    if (!areOthersBusy || !stored) return;
    const labels = { seen: String(reviews) };
    store.commit(
      key,
      { ...stored, metadata: { ...stored.metadata, labels } },
      stored.metadata.resourceVersion ?? '',
    );
  };
  const reviewer: Reviewer = {
    pass: () => Promise.reject(new Error('nobody waits here')),
    passNow(write) {
      let step = write.next();
      while (!step.done) {
        change();
        step = write.next(step.value.object);
      }
      return step.value;
    },
  };
  const writer = new Writer({ store, registry, nowMs: () => 0, reviewer });
  const options = { manager: 'test', dryRun: false };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } };
  writer.create(target, namespace, options);
  const annotated = (live: typeof namespace) => ({
    ...live,
    metadata: { ...live.metadata, annotations: { a: 'b' } },
  });
  areOthersBusy = true;
  expect(() =>
    writer.update(target, { from: (live) => annotated(live as typeof namespace) }, options),
  ).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('the object has been modified') as string,
    }) as Error,
  );
  areOthersBusy = false;
  const { object } = writer.update(target, { from: (live) => annotated(live as typeof namespace) }, options);
  expect(object.metadata).toMatchObject({ annotations: { a: 'b' } });
});
