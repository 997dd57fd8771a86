import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube-object.ts';
import { customSelectable, parseFieldSelector } from './field-selector.ts';

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'trainer-0', namespace: 'ml' },
  spec: { nodeName: 'gpu,1' },
  status: { phase: 'Running' },
};

describe('a field selector', () => {
  it.each([
    ['', true],
    ['metadata.name=trainer-0', true],
    ['metadata.name==trainer-1', false],
    ['metadata.name!=trainer-1,status.phase=Running', true],
    ['metadata.name!=trainer-1,status.phase=Pending', false],
    ['spec.nodeName=gpu\\,1', true],
    ['spec.hostNetwork=false', true],
    ['status.podIP=', true],
    [',,metadata.namespace=ml,', true],
  ])('%s says %s', (selector, expected) => {
    const parsed = parseFieldSelector(selector, 'pods');
    if (!parsed.ok) throw new Error(parsed.message);
    expect(parsed.matches(pod)).toBe(expected);
  });

  it('counts what is absent as zero', () => {
    const parsed = parseFieldSelector('status.successful=0', 'jobs.batch');
    expect(parsed.ok && parsed.matches({ apiVersion: 'batch/v1', kind: 'Job', metadata: {} })).toBe(true);
  });

  it.each([
    [
      'configmaps',
      'data.a=1',
      '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
    ['pods', 'spec.image=a', 'field label not supported: spec.image'],
    ['pods', 'constructor=a', 'field label not supported: constructor'],
    ['jobs.batch', 'status.failed=1', 'field label "status.failed" not supported for Job'],
    ['pods', 'metadata.name', "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
    ['pods', 'metadata.name=a=b', 'invalid field selector: unescaped character in value: 61'],
    ['pods', 'metadata.name=a\\b', 'invalid field selector: invalid escape sequence: \\b'],
    ['pods', 'metadata.name=a\\', 'invalid field selector: invalid escape sequence: \\'],
  ])('of %s refuses %s', (resource, selector, message) => {
    expect(parseFieldSelector(selector, resource)).toEqual({ ok: false, message });
  });
});

it('selects custom objects by their names and by what their definition says', () => {
  const custom = customSelectable(['spec.model', 'spec.size'], false);
  const read = (selector: string) => parseFieldSelector(selector, 'models.example.com', custom);
  const object = { apiVersion: 'example.com/v1', kind: 'Model', metadata: { name: 'a' }, spec: { size: 2 } };
  const matches = (selector: string) => {
    const parsed = read(selector);
    return parsed.ok && parsed.matches(object);
  };
  expect(matches('metadata.name=a,spec.size=2,spec.model=')).toBe(true);
  expect(matches('spec.size!=2')).toBe(false);
  expect(read('metadata.namespace=a')).toEqual({
    ok: false,
    message: 'field label not supported: metadata.namespace',
  });
});
