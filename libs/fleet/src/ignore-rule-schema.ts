import { parseJqPath, parseJsonPointer } from '@meridian/manifests';
import type { ParsedPath } from '@meridian/manifests';
import { z } from 'zod';
import type { IgnoreRule } from './sync-rules.ts';

const most = 20;

/** The envelope of an assignment carries the rules, beside much else. */
const mostCharacters = 32_768;

const nameOrPattern = z
  .string()
  .max(253)
  .regex(/^(?:[A-Za-z0-9*](?:[-A-Za-z0-9.*:]*[A-Za-z0-9*])?)?$/);

/** A text that a parser of paths takes; what it says against others is told where they stand. */
function path(parse: (text: string) => ParsedPath) {
  return z
    .string()
    .min(1)
    .max(1_024)
    .superRefine((text, context) => {
      const parsed = parse(text);
      if (parsed.ok) return;
      const fix = parsed.fix === undefined ? '' : `; ${parsed.fix}`;
      context.addIssue({ code: 'custom', message: `${parsed.message}${fix}` });
    });
}

const rule = z
  .strictObject({
    group: nameOrPattern
      .optional()
      .describe('Group such as apps; * stands for any text. Default "", the group of Pods.'),
    kind: nameOrPattern.min(1).describe('Kind such as Deployment; * stands for any text.'),
    name: nameOrPattern.min(1).optional().describe('Name of the object. Default any.'),
    namespace: nameOrPattern.min(1).optional().describe('Namespace of the object. Default any.'),
    jsonPointers: z
      .array(path(parseJsonPointer))
      .min(1)
      .max(most)
      .optional()
      .describe('Fields as JSON pointers, such as /spec/replicas.'),
    jqPathExpressions: z
      .array(path(parseJqPath))
      .min(1)
      .max(most)
      .optional()
      .describe(
        'Fields as paths of jq, such as .spec.template.spec.containers[] | select(.name == "proxy").',
      ),
    managedFieldsManagers: z
      .array(z.string().min(1).max(128))
      .min(1)
      .max(most)
      .optional()
      .describe('Field managers: whatever they own in the cluster; * stands for any text.'),
  })
  .refine(
    ({ jsonPointers, jqPathExpressions, managedFieldsManagers }) =>
      jsonPointers !== undefined || jqPathExpressions !== undefined || managedFieldsManagers !== undefined,
    'says of no field that it is ignored; give jsonPointers, jqPathExpressions or managedFieldsManagers',
  );

/** The field `ignoreDifferences` of a sync policy. */
export const ignoreRulesSchema = z
  .array(rule)
  .min(1)
  .max(50)
  .refine(
    (rules) => JSON.stringify(rules).length <= mostCharacters,
    `is longer than ${mostCharacters} characters`,
  )
  .describe('Fields that are no drift, whoever changes them.');

/** The rules in a valid document. */
export function toIgnoreRules(rules: z.infer<typeof ignoreRulesSchema>): readonly IgnoreRule[] {
  return rules.map(
    ({ group = '', kind, name, namespace, jsonPointers, jqPathExpressions, managedFieldsManagers }) => ({
      group,
      kind,
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(jsonPointers ? { jsonPointers } : {}),
      ...(jqPathExpressions ? { jqPathExpressions } : {}),
      ...(managedFieldsManagers ? { managedFieldsManagers } : {}),
    }),
  );
}
