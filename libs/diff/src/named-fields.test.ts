import { expect, test } from 'vitest';
import { fieldsNamedBy } from './named-fields.ts';
import { projectFields } from './project.ts';

const object = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'ml', labels: { app: 'web' }, resourceVersion: '7' },
  spec: {
    replicas: 2,
    template: { spec: { containers: [{ name: 'web', image: 'a:1' }], nodeSelector: {} } },
  },
  status: { replicas: 2 },
};

const valuesIn = (live: typeof object) =>
  Object.fromEntries(
    [...projectFields(live, fieldsNamedBy(object)).values()].map(({ path, value }) => [path, value]),
  );

test('all that an object says counts, a list as one value, but nothing that the API server sets', () => {
  expect(valuesIn(object)).toEqual({
    'metadata.labels.app': '"web"',
    'spec.replicas': '2',
    'spec.template.spec.containers': '[{"image":"a:1","name":"web"}]',
    'spec.template.spec.nodeSelector': '{}',
  });
});

test('an item more in a list is another value, and a field beside what is named is none', () => {
  const { spec } = object;
  const containers = [...spec.template.spec.containers, { name: 'side', image: 'b:1' }];
  const more = {
    ...object,
    spec: { ...spec, paused: true, template: { spec: { ...spec.template.spec, containers } } },
  };
  const [before, now] = [valuesIn(object), valuesIn(more)];
  expect(Object.keys(now).filter((path) => now[path] !== before[path])).toEqual([
    'spec.template.spec.containers',
  ]);
});

test('values of null and deep maps are named like others', () => {
  const deep = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a' }, spec: { a: { b: { c: null } } } };
  expect([...projectFields(deep, fieldsNamedBy(deep)).keys()]).toContain('spec.a.b.c');
});
