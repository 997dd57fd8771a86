import { isObject, itemsAt, objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';

/** How fast to scale, as the annotation of the first version has it: the internal type of the real server, by its Go names. */
export function firstBehavior(behavior: JsonObject): JsonObject {
  return {
    ScaleUp: firstRules(objectAt(behavior, 'scaleUp')),
    ScaleDown: firstRules(objectAt(behavior, 'scaleDown')),
  };
}

function firstRules(rules: JsonObject | undefined): JsonObject | null {
  if (rules === undefined) return null;
  const policies = itemsAt(rules, 'policies')
    .filter(isObject)
    .map(({ type = '', value = 0, periodSeconds = 0 }) => ({
      Type: type,
      Value: value,
      PeriodSeconds: periodSeconds,
    }));
  return {
    StabilizationWindowSeconds: rules['stabilizationWindowSeconds'] ?? null,
    SelectPolicy: rules['selectPolicy'] ?? null,
    Policies: policies,
    Tolerance: rules['tolerance'] ?? null,
  };
}

/** How fast to scale, from the annotation of the first version. */
export function secondBehavior(behavior: JsonObject): JsonObject {
  const [up, down] = [objectAt(behavior, 'ScaleUp'), objectAt(behavior, 'ScaleDown')];
  return {
    ...(up === undefined ? {} : { scaleUp: secondRules(up) }),
    ...(down === undefined ? {} : { scaleDown: secondRules(down) }),
  };
}

function secondRules(rules: JsonObject): JsonObject {
  const policies = itemsAt(rules, 'Policies')
    .filter(isObject)
    .map(({ Type = '', Value = 0, PeriodSeconds = 0 }) => ({
      type: Type,
      value: Value,
      periodSeconds: PeriodSeconds,
    }));
  return {
    ...(policies.length === 0 ? {} : { policies }),
    ...Object.fromEntries(
      (
        [
          ['stabilizationWindowSeconds', 'StabilizationWindowSeconds'],
          ['selectPolicy', 'SelectPolicy'],
          ['tolerance', 'Tolerance'],
        ] as const
      ).flatMap(([name, goName]) => {
        const value = rules[goName] ?? null;
        return value === null ? [] : [[name, value]];
      }),
    ),
  };
}
