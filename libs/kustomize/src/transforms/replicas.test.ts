import { describe, expect, it } from 'vitest';
import { fieldSpec } from '../config/field-spec.ts';
import { defaultConfig } from '../config/transformer-config.ts';
import { at, object, refusalOf, testStep } from '../testing/objects.ts';
import { plainOf } from '../values/plain.ts';
import { applyPrefix } from './affixes.ts';
import { applyReplicas } from './replicas.ts';

const config = { replica: { name: 'web', count: 4 }, fieldSpecs: defaultConfig('5.5').replicas };

describe('a number of replicas', () => {
  it('is set on every object of a kind with replicas that has or had the name', () => {
    const named = [
      object('apps/v1 Deployment web'),
      object('apps/v1 StatefulSet web', { spec: { replicas: 1 } }),
    ];
    const prefixed = applyPrefix(
      named,
      { prefix: 'p-', fieldSpecs: [fieldSpec('metadata/name')] },
      testStep(),
    );
    const others = [object('apps/v1 DaemonSet web'), object('apps/v1 Deployment other')];
    const after = applyReplicas([...prefixed, ...others], config, testStep());
    expect(after.map((each) => at(each, 'spec/replicas'))).toEqual([4, 4, undefined, undefined]);
  });

  it('stays a text where the old one is a number in quotes, as in kustomize', () => {
    const [after] = applyReplicas(
      [object('apps/v1 Deployment web', { spec: { replicas: '3' } })],
      config,
      testStep(),
    );
    expect(after && plainOf(after.fields)).toMatchObject({ spec: { replicas: '4' } });
  });

  it('gives the very same resources when the number is there already', () => {
    const resources = [object('apps/v1 Deployment web', { spec: { replicas: 4 } })];
    expect(applyReplicas(resources, config, testStep())).toBe(resources);
  });

  it('is refused for a name that no such object has', () => {
    expect(refusalOf(() => applyReplicas([object('v1 Service web')], config, testStep()))).toContain(
      'no object of a kind with replicas',
    );
  });
});
