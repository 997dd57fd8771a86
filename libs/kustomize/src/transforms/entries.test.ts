import type { LocatedError } from '@meridian/fleet';
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../config/transformer-config.ts';
import { at, object, refusalOf, testStep } from '../testing/objects.ts';
import { plainOf } from '../values/plain.ts';
import { applyAnnotations, applyLabels } from './entries.ts';

const { commonLabels, commonAnnotations } = defaultConfig('5.5');
const own = commonLabels.filter(({ path }) => path === 'metadata/labels');
const label = (
  labels: { [key: string]: string },
  fieldSpecs = commonLabels,
): Parameters<typeof applyLabels>[1] => ({
  labels,
  fieldSpecs,
});

describe('labels', () => {
  it('go to an object, its selector and its template', () => {
    const [after] = applyLabels(
      [object('apps/v1 Deployment d', { spec: { template: {} } })],
      label({ app: 'a' }),
      testStep(),
    );
    expect(after && plainOf(after.fields)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', labels: { app: 'a' } },
      spec: { selector: { matchLabels: { app: 'a' } }, template: { metadata: { labels: { app: 'a' } } } },
    });
  });

  it('go to a selector of a policy only where there is one', () => {
    const policies = [
      object('networking.k8s.io/v1 NetworkPolicy p', { spec: { podSelector: {} } }),
      object('networking.k8s.io/v1 NetworkPolicy q', { spec: { podSelector: { matchLabels: { x: 'y' } } } }),
    ];
    const [p, q] = applyLabels(policies, label({ app: 'a' }), testStep());
    expect(p && at(p, 'spec/podSelector')).toEqual({});
    expect(q && at(q, 'spec/podSelector/matchLabels')).toMatchObject({ x: 'y' });
  });

  it('share a node, as in kustomize: a later label of the object alone changes its selector, too', () => {
    const first = applyLabels([object('apps/v1 Deployment d')], label({ app: 'a' }), testStep());
    const warnings: LocatedError[] = [];
    const [after] = applyLabels(first, label({ app: 'b' }, own), testStep('5.5', warnings));
    expect(warnings).toHaveLength(1);
    expect(after && plainOf(after.fields)).toMatchObject({
      metadata: { labels: { app: 'b' } },
      spec: { selector: { matchLabels: { app: 'b' } } },
    });
  });

  it('do not share where a field had the label before', () => {
    const written = object('v1 Service s', { spec: { selector: { app: 'old' } } });
    const first = applyLabels([written], label({ app: 'a' }), testStep());
    const [after] = applyLabels(first, label({ app: 'b' }, own), testStep());
    expect(after?.fields).toMatchObject({
      metadata: { labels: { app: 'b' } },
      spec: { selector: { app: 'a' } },
    });
  });

  it('give the very same resources when there is nothing to do', () => {
    const resources = [object('v1 Secret s', { metadata: { labels: { app: 'a' } } })];
    expect(applyLabels(resources, label({ app: 'a' }), testStep())).toBe(resources);
    expect(applyLabels(resources, label({}), testStep())).toBe(resources);
  });

  it('are refused where there is no mapping', () => {
    const wrong = [object('v1 Secret s', { metadata: { labels: ['a'] } })];
    expect(refusalOf(() => applyLabels(wrong, label({ app: 'a' }), testStep()))).toContain(
      'there is no mapping where labels or annotations must be',
    );
  });
});

describe('annotations', () => {
  it('go to an object and to the pods that it makes', () => {
    const config = { annotations: { note: 'x' }, fieldSpecs: commonAnnotations };
    const [after] = applyAnnotations([object('batch/v1 CronJob c')], config, testStep());
    expect(after && plainOf(after.fields)).toMatchObject({
      metadata: { annotations: { note: 'x' } },
      spec: {
        jobTemplate: {
          metadata: { annotations: { note: 'x' } },
          spec: { template: { metadata: { annotations: { note: 'x' } } } },
        },
      },
    });
  });
});
