import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isObject, itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { parseJson } from '../schema/parse-json.ts';
import type { Store } from '../store/store.ts';
import type { User } from './authenticate.ts';

/** Who issues tokens of service accounts, and whom they are for unless told. */
export const issuer = 'https://kubernetes.default.svc';

/** What a token is to say. */
export interface TokenClaims {
  readonly account: KubeObject;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  /** The pod, secret or node with which the token ends, by its field in the token. */
  readonly bound?: readonly [field: string, object: KubeObject];
}

/** Why a token is nobody's, or whose it is. */
export type ReadToken =
  { readonly user: User; readonly audiences: readonly string[] } | { readonly problem: string };

/** Issues tokens of service accounts, signed with the cluster's key, and reads them. */
export class TokenIssuer {
  readonly #keyPem: string | undefined;
  #opened: Keys | undefined;
  readonly #store: Store;
  readonly #nowMs: () => number;

  /** Takes the key as PEM; without one it makes a key of its own when it first needs one, which ends with the process. */
  constructor(store: Store, nowMs: () => number, keyPem: string | undefined) {
    this.#keyPem = keyPem;
    this.#store = store;
    this.#nowMs = nowMs;
  }

  get #keys(): Keys {
    this.#opened ??= keysOf(this.#keyPem ?? newSigningKey());
    return this.#opened;
  }

  /** The key with which others check its tokens, as a JSON web key. */
  get publicKey(): JsonObject {
    const { public: key, id } = this.#keys;
    const { kty = '', crv = '', x = '', y = '' } = key.export({ format: 'jwk' });
    return { use: 'sig', kty, kid: id, crv, alg: 'ES256', x, y };
  }

  /** A signed token. */
  issue({ account, audiences, expirationSeconds, bound }: TokenClaims): string {
    const now = Math.floor(this.#nowMs() / 1_000);
    const { key, id } = this.#keys;
    const { name = '', namespace = '' } = account.metadata;
    const text = [
      encoded({ alg: 'ES256', kid: id }),
      encoded({
        aud: [...audiences],
        exp: now + expirationSeconds,
        iat: now,
        iss: issuer,
        jti: randomUUID(),
        'kubernetes.io': {
          namespace,
          ...(bound === undefined ? {} : { [bound[0]]: referenceTo(bound[1]) }),
          serviceaccount: referenceTo(account),
        },
        nbf: now,
        sub: userName(namespace, name),
      }),
    ].join('.');
    return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  /** Whose a token is, for one of the audiences; undefined when it is none of this cluster's. */
  read(token: string, audiences: readonly string[] = [issuer]): ReadToken | undefined {
    const claims = claimsOf(token);
    if (claims?.['iss'] !== issuer) return undefined;
    if (!this.#isSigned(token)) return { problem: 'go-jose/go-jose: error in cryptographic primitive' };
    const now = this.#nowMs() / 1_000;
    if ((numberAt(claims, 'exp') ?? 0) <= now) return { problem: 'service account token has expired' };
    const said = itemsAt(claims, 'aud').filter((audience) => typeof audience === 'string');
    const meant = audiences.filter((audience) => said.includes(audience));
    if (meant.length === 0) {
      const why = `token audiences ${JSON.stringify(said)} is invalid for the target audiences ${JSON.stringify(audiences)}`;
      return { problem: why };
    }
    const problem = this.#boundProblem(objectAt(claims, 'kubernetes.io') ?? {});
    return problem === undefined ? { user: userOf(claims), audiences: meant } : { problem };
  }

  #isSigned(token: string): boolean {
    const [head = '', body = '', signature = ''] = token.split('.');
    const key = { key: this.#keys.public, dsaEncoding: 'ieee-p1363' } as const;
    return verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
  }

  /** A token ends with its account and with what it is bound to. */
  #boundProblem(claims: JsonObject): string | undefined {
    const namespace = textAt(claims, 'namespace') ?? '';
    const problems = [
      ['serviceaccounts', 'serviceaccount', 'service account UID'],
      ['pods', 'pod', 'pod UID'],
      ['secrets', 'secret', 'secret UID'],
    ] as const;
    for (const [resource, field, what] of problems) {
      const reference = objectAt(claims, field);
      if (reference === undefined) continue;
      const name = textAt(reference, 'name') ?? '';
      const found = this.#store.get({ resource, namespace, name });
      if (found === undefined) return `${resource} "${name}" not found`;
      if (found.metadata.uid !== reference['uid']) {
        return `${what} (${found.metadata.uid ?? ''}) does not match claim (${textAt(reference, 'uid') ?? ''})`;
      }
    }
    return undefined;
  }
}

function claimsOf(token: string): JsonObject | undefined {
  const [, body = '', signature = ''] = token.split('.');
  const parsed = signature === '' ? undefined : parseJson(Buffer.from(body, 'base64url').toString('utf8'));
  return parsed?.ok === true && isObject(parsed.value) ? parsed.value : undefined;
}

interface Keys {
  readonly key: KeyObject;
  readonly public: KeyObject;
  readonly id: string;
}

function keysOf(pem: string): Keys {
  const publicKey = createPublicKey(pem);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(der).digest('base64url');
  return { key: createPrivateKey(pem), public: publicKey, id };
}

/** A new key that signs tokens of service accounts, as PEM. */
export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return String(privateKey.export({ type: 'sec1', format: 'pem' }));
}

function encoded(part: Json): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function referenceTo({ metadata: { name = '', uid = '' } }: KubeObject): JsonObject {
  return { name, uid };
}

function userName(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

function userOf(claims: JsonObject): User {
  const own = objectAt(claims, 'kubernetes.io') ?? {};
  const namespace = textAt(own, 'namespace') ?? '';
  const pod = objectAt(own, 'pod');
  const prefix = 'authentication.kubernetes.io';
  return {
    name: userName(namespace, textAt(own, 'serviceaccount', 'name') ?? ''),
    uid: textAt(own, 'serviceaccount', 'uid') ?? '',
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: {
      [`${prefix}/credential-id`]: [`JTI=${textAt(claims, 'jti') ?? ''}`],
      ...(pod === undefined
        ? {}
        : {
            [`${prefix}/pod-name`]: [textAt(pod, 'name') ?? ''],
            [`${prefix}/pod-uid`]: [textAt(pod, 'uid') ?? ''],
          }),
    },
  };
}
