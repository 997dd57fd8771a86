import { badRequestError } from '../errors/api-error.ts';
import type { Target } from '../cluster/target.ts';
import { groupResource } from '../schema/resource.ts';
import { apiTime } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { itemsAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { User } from './authenticate.ts';
import type { Exchange } from './exchange.ts';
import { bodyKind } from './objects.ts';
import { writeQuery } from './options.ts';
import { readObject } from './read-body.ts';
import type { ServerState } from './server-state.ts';
import { issuer } from './token-issuer.ts';

/** Whether a resource is a question that is answered and not stored. */
export function isReview({ resource }: Target): boolean {
  return Object.hasOwn(verdicts, groupResource(resource));
}

/** Answers a review. Authorization is left to the real server: whoever is known may do everything. */
export async function answerReview(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const { userAgent, user } = exchange;
  const options = writeQuery(exchange.query, 'CreateOptions', { userAgent, isApply: false });
  const { object, warnings } = readObject(
    await exchange.body(),
    bodyKind(state, target),
    options.fieldValidation,
  );
  const verdict = verdicts[groupResource(target.resource)];
  const owned =
    verdict?.owned === true
      ? state.writer.own(target, object, undefined, { manager: options.fieldManager, dryRun: true })
      : { ...object, metadata: { ...object.metadata, creationTimestamp: apiTime(state.nowMs()) } };
  const status = verdict?.status(user, owned, state) ?? {};
  exchange.answer(201, { ...owned, status }, warnings);
}

interface Verdict {
  /** Whether the answer tells who wrote which fields, as those with a spec do. */
  readonly owned: boolean;
  status(user: User, review: KubeObject, state: ServerState): JsonObject;
}

const allowed: Verdict = { owned: true, status: () => ({ allowed: true }) };

const verdicts: Readonly<Record<string, Verdict>> = {
  'selfsubjectreviews.authentication.k8s.io': {
    owned: false,
    status: (user) => ({ userInfo: userInfo(user) }),
  },
  'tokenreviews.authentication.k8s.io': {
    owned: true,
    status: (_, review, state) => tokenStatus(review, state),
  },
  'selfsubjectaccessreviews.authorization.k8s.io': allowed,
  'subjectaccessreviews.authorization.k8s.io': allowed,
  'localsubjectaccessreviews.authorization.k8s.io': allowed,
  'selfsubjectrulesreviews.authorization.k8s.io': {
    owned: true,
    status: () => ({
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    }),
  },
};

/** Whose a token is. */
function tokenStatus(review: KubeObject, { tokens, knownUser }: ServerState): JsonObject {
  const token = textAt(review, 'spec', 'token') ?? '';
  if (token === '') throw badRequestError('token is required for TokenReview in authentication');
  const given = itemsAt(review, 'spec', 'audiences').filter((audience) => typeof audience === 'string');
  const asked = given.length === 0 ? [issuer] : given;
  const known = knownUser(token);
  const read = known === undefined ? tokens.read(token, asked) : { user: known, audiences: asked };
  if (read === undefined || 'problem' in read) {
    const more = read === undefined ? 'invalid bearer token' : `[invalid bearer token, ${read.problem}]`;
    return { user: {}, error: more };
  }
  const user = userInfo({ ...read.user, groups: [...read.user.groups, 'system:authenticated'] });
  return { authenticated: true, user, audiences: [...read.audiences] };
}

function userInfo({ name, uid, groups, extra }: User): JsonObject {
  const info: JsonObject = { username: name };
  if (uid !== undefined) info['uid'] = uid;
  if (groups.length > 0) info['groups'] = [...groups];
  if (extra !== undefined) {
    info['extra'] = Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]));
  }
  return info;
}
