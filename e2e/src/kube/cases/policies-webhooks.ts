import { governed } from '../governed.ts';
import { allow, hooked, patch, rules } from '../hooked.ts';
import type { HookedCase } from '../hooked.ts';
import type { PolicySpec } from '../governed.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase } from '../session.ts';

const merge = { type: 'application/merge-patch+json' };
const configMap = sampleOf('ConfigMap');
const onWrites = { rules: rules(['CREATE', 'UPDATE'], '/v1/configmaps') };
const again = { ...onWrites, reinvocationPolicy: 'IfNeeded' };

/** A case with policies and webhooks at once; policies come first. */
const both = (title: string, policies: readonly PolicySpec[], hooks: Omit<HookedCase, 'title'>): ContractCase =>
  governed({ title, policies, run: (session) => hooked({ title, ...hooks }).run(session) });

const append = (letter: string, reinvocationPolicy: string): PolicySpec => ({
  kind: 'Mutating',
  spec: {
    reinvocationPolicy,
    mutations: [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: { expression: `Object{data: {"seen": object.?data.?seen.orValue("") + "${letter}"}}` },
      },
    ],
  },
});

const run: HookedCase['run'] = async (session) => {
  await session.ask('POST', configMap.path, configMap.make(''));
  await session.ask('PATCH', `${configMap.path}/sample`, { data: { more: '1' } }, merge);
};
const label = patch({ op: 'add', path: '/metadata/labels', value: { hooked: 'yes' } });

/** How policies and webhooks go together. */
export const policyWebhookCases: readonly ContractCase[] = [
  both('changes objects before webhooks do', [append('a', 'Never')], {
    mutating: [{ answer: label, webhook: onWrites }],
    validating: [{ answer: allow, webhook: onWrites }],
    run,
  }),
  both('is followed again after a webhook changed something', [append('a', 'IfNeeded')], {
    mutating: [{ answer: label, webhook: again }],
    run,
  }),
  both('has webhooks asked again after it changed something once more', [append('a', 'IfNeeded')], {
    mutating: [
      { answer: allow, webhook: again },
      { answer: allow, webhook: onWrites },
    ],
    run,
  }),
  both(
    'refuses before webhooks are asked, and sees what they changed',
    [{ spec: { validations: [{ expression: "!('hooked' in object.metadata.?labels.orValue({}))", message: 'hooked' }] } }],
    {
      mutating: [{ answer: label, webhook: onWrites }],
      validating: [{ answer: allow, webhook: onWrites }],
      run: async (session) => {
        await session.ask('POST', configMap.path, configMap.make(''));
      },
    },
  ),
];
