import { z } from 'zod';

/** The longest expression. */
const mostCharacters = 4_096;

const expression = z.string().min(1).max(mostCharacters).describe('An expression in CEL.');

const anyOrName = z
  .string()
  .max(253)
  .regex(/^(?:\*|[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?)?$/);

const resourceRule = z.strictObject({
  apiGroups: z
    .array(anyOrName)
    .min(1)
    .max(64)
    .optional()
    .describe('Groups such as apps; "" is that of Pods, * is any. Default any.'),
  apiVersions: z.array(anyOrName).min(1).max(64).optional().describe('Versions such as v1. Default any.'),
  kinds: z.array(anyOrName.min(1)).min(1).max(64).describe('Kinds such as Deployment; * is any.'),
  resourceNames: z.array(anyOrName.min(1)).min(1).max(256).optional().describe('Names. Default any.'),
});

const rules = z.array(resourceRule).min(1).max(64);

/** What a policy says beside the header; `selector` is the label selector of fleet documents. */
export function policySpec<Selector extends z.ZodType>(selector: Selector) {
  return z.strictObject({
    description: z.string().max(4_096).optional().describe('Why there is such a policy; for people.'),
    applications: selector.optional().describe('Which applications it is about. Default all.'),
    clusters: selector.optional().describe('In which clusters it is in force. Default all.'),
    action: z
      .enum(['deny', 'warn'])
      .optional()
      .describe('Whether a violation keeps an application from being released. Default deny.'),
    scope: z
      .enum(['object', 'bundle'])
      .optional()
      .describe(
        'Whether expressions see one object after the other (object), or all that match at once (objects). Default object.',
      ),
    matchConstraints: z
      .strictObject({
        resourceRules: rules.optional().describe('Objects that any of them fits. Default all.'),
        excludeResourceRules: rules.optional().describe('Objects that are left out nevertheless.'),
        objectSelector: selector.optional().describe('Labels of the objects. Default any.'),
      })
      .optional()
      .describe('Which objects it is about. Default all.'),
    matchConditions: z
      .array(z.strictObject({ name: z.string().min(1).max(253), expression }))
      .max(64)
      .optional()
      .describe('All must hold for an object to be looked at; not for scope bundle.'),
    params: z
      .record(z.string(), z.json())
      .optional()
      .describe('Values that expressions see as params, such as a list of registries.'),
    variables: z
      .array(z.strictObject({ name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/), expression }))
      .max(64)
      .optional()
      .describe('Named expressions; later ones and validations see them as variables.NAME.'),
    validations: z
      .array(
        z.strictObject({
          expression: expression.describe('What must hold.'),
          message: z.string().min(1).max(1_024).optional().describe('What to tell when it does not.'),
          messageExpression: expression
            .optional()
            .describe('Gives the message; message stands in when it fails.'),
          fieldPath: z
            .string()
            .max(256)
            .regex(/^\.[^\s]+$/)
            .optional()
            .describe('The field that is wrong, such as .spec.replicas; it is told with the message.'),
        }),
      )
      .min(1)
      .max(64)
      .describe('What must hold for every object, or for all together.'),
  });
}
