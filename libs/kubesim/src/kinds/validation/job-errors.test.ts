import { expect, it } from 'vitest';
import { errorBody } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import type { JsonObject } from '../../json.ts';
import { jobTemplateErrors } from './job-errors.ts';
import { failurePolicyErrors, successPolicyErrors } from './job-policy-errors.ts';

const told = (errors: readonly FieldError[]) => errors.map((error) => `${error.field}: ${errorBody(error)}`);
const template = {
  spec: {
    containers: [{ name: 'server', image: 'x', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' }],
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Never',
  },
};

it('finds nothing wrong with a plain job', () => {
  expect(jobTemplateErrors({ template }, 'spec')).toEqual([]);
});

it.each<[JsonObject, string[]]>([
  [{ completionMode: 'Indexed' }, ['spec.completions: Required value: when completion mode is Indexed']],
  [
    { maxFailedIndexes: 1, backoffLimitPerIndex: 1 },
    [
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
      'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
    ],
  ],
  [
    { completionMode: 'Indexed', completions: 200_000, parallelism: 20_000, backoffLimitPerIndex: 1 },
    [
      'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
      'spec.parallelism: Invalid value: 20000: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  ],
])('refuses %j', (spec, messages) => {
  expect(told(jobTemplateErrors({ ...spec, template }, 'spec'))).toEqual(messages);
});

it.each([
  ['0,2-3', 3, []],
  ['3,1', 1, ['error parsing succeededIndexes: non-increasing order, previous: 3, current: 1']],
  [
    '1-2-3',
    1,
    [
      'error parsing succeededIndexes: the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'',
    ],
  ],
  ['9', 1, ['error parsing succeededIndexes: too large index: "9"']],
  ['x', 1, ['error parsing succeededIndexes: cannot convert string to integer for index: "x"']],
])('counts the indexes %s of a success policy', (succeededIndexes, succeededCount, problems) => {
  const spec = { completions: 5, successPolicy: { rules: [{ succeededIndexes, succeededCount }] } };
  const found = successPolicyErrors(spec, 'spec.successPolicy').filter(({ field }) =>
    field.endsWith('Indexes'),
  );
  expect(found.map(({ detail }) => detail)).toEqual(problems);
});

it('wants exit codes in order, each once, and of a container that is there', () => {
  const onExitCodes = { operator: 'In', containerName: 'none', values: [2, 1, 1] };
  const spec = { template, podFailurePolicy: { rules: [{ action: 'Ignore', onExitCodes }] } };
  expect(told(failurePolicyErrors(spec, 'policy'))).toEqual([
    'policy.rules[0].onExitCodes.containerName: Invalid value: "none": must be one of the container or initContainer names in the pod template',
    'policy.rules[0].onExitCodes.values[2]: Duplicate value: 1',
    'policy.rules[0].onExitCodes.values: Invalid value: [2,1,1]: must be ordered',
  ]);
});
