import { expect, test } from 'vitest';
import { resourcesIn } from './documents.ts';

const namesIn = (text: string) => resourcesIn(text, 'list.yaml').map(({ fields }) => JSON.stringify(fields));

test('a list that is a file of its own is its items, and no object when it only configures a function', () => {
  const item = '{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }';
  expect(namesIn(`kind: ResourceList\nitems: [${item}]\n`)).toHaveLength(1);
  expect(namesIn('kind: ResourceList\nfunctionConfig: { spec: {} }\n')).toEqual([]);
  expect(namesIn('kind: List\nfunctionConfig: null\n')).toEqual([]);
  expect(namesIn(`kind: ResourceList\nfunctionConfig: { spec: {} }\nitems: [${item}]\n`)).toHaveLength(1);
});

test('a list beside other documents, or without items and function, is an object', () => {
  expect(namesIn('apiVersion: v1\nkind: ResourceList\nspec: {}\n')).toHaveLength(1);
  expect(namesIn('kind: ResourceList\nfunctionConfig: {}\n---\nkind: FooList\n')).toHaveLength(2);
});
