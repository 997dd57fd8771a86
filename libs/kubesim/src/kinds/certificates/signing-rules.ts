import { draftOf, objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { apiTime } from '../../kube-object.ts';
import type { KubeObject } from '../../kube-object.ts';
import { keepAllButStatus, keepStatus } from '../generic-rules.ts';
import type { KindRules, RuleContext } from '../kind-rules.ts';
import { textIn } from '../validation/go-fields.ts';
import { signingErrors } from './signing-errors.ts';
import { conditionsOf, signingStatusErrors } from './signing-status-errors.ts';

const askedBy = ['username', 'uid', 'groups', 'extra'];

/** Rules of requests for certificates: they say who asked, and only their two subresources change them. */
export const signingRules: KindRules = {
  name: 'path-segment',
  allowsCreateOnUpdate: false,
  allowsUnconditionalUpdate: true,
  prepareForCreate: (draft, context) => {
    draft['spec'] = specBy(objectAt(draft, 'spec') ?? {}, context);
    delete draft['status'];
  },
  validateCreate: signingErrors,
  prepareForUpdate: (draft, old) => {
    keepAllButStatus(draft, old);
    keepStatus(draft, old);
  },
  status: {
    prepareForUpdate: (draft, old, context) => {
      keepAllButStatus(draft, old);
      keepDecisions(draft, old);
      setTimes(draft, old, context);
    },
    validateUpdate: (object, old) => signingStatusErrors(object, old, 'certificate'),
  },
  subresources: {
    approval: {
      prepareForUpdate: (draft, old, context) => {
        keepAllButStatus(draft, old);
        setTimes(draft, old, context);
        const { conditions } = objectAt(draft, 'status') ?? {};
        const { conditions: _, ...others } = objectAt(old, 'status') ?? {};
        draft['status'] = { ...draftOf(others), ...(conditions === undefined ? {} : { conditions }) };
      },
      validateUpdate: (object, old) => signingStatusErrors(object, old, 'approval'),
    },
  },
  resetFields: {
    '': ['spec', 'status'],
    status: ['spec', 'status.conditions'],
    approval: ['spec', 'status.certificate'],
  },
};

function specBy(spec: JsonObject, { user }: RuleContext): JsonObject {
  const asked = Object.fromEntries(Object.entries(spec).filter(([field]) => !askedBy.includes(field)));
  if (user === undefined) return asked;
  const { name, uid = '', groups, extra = {} } = user;
  const known = Object.entries(extra).map(([key, values]): [string, string[]] => [key, [...values]]);
  return {
    ...asked,
    username: name,
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(known.length === 0 ? {} : { extra: Object.fromEntries(known) }),
  };
}

/** The status keeps what was decided, unless it says more or less decisions than there are: that is refused. */
function keepDecisions(draft: KubeObject, old: KubeObject): void {
  for (const type of ['Approved', 'Denied']) {
    const [now, before] = [draft, old].map((one) =>
      conditionsOf(one).filter((each) => each['type'] === type),
    );
    if (now?.length !== before?.length) continue;
    now?.forEach((condition, index) => {
      for (const field of Object.keys(condition)) delete condition[field];
      Object.assign(condition, before?.[index]);
    });
  }
}

function setTimes(draft: KubeObject, old: KubeObject, context: RuleContext): void {
  const now = apiTime(context.nowMs());
  for (const condition of conditionsOf(draft)) {
    if (textIn(condition, 'lastUpdateTime') === '') condition['lastUpdateTime'] = now;
    if (textIn(condition, 'lastTransitionTime') !== '') continue;
    condition['lastTransitionTime'] = transitionOf(condition, old) ?? now;
  }
}

/** Since when a condition of that type has that status. */
function transitionOf({ type, status }: JsonObject, old: KubeObject): string | undefined {
  const same = conditionsOf(old).filter((one) => one['type'] === type && one['status'] === status);
  return same.map((one) => textIn(one, 'lastTransitionTime')).find((time) => time !== '');
}
