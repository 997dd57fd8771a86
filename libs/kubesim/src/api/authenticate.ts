import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { goQuote } from '@meridian/cel';
import { ApiError, badRequestError } from '../errors/api-error.ts';
import { isDecodable } from './request-line.ts';

/** Who asks. */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Who a bearer token stands for; undefined for nobody. */
export type TokenReader = (token: string) => User | undefined;

/** The user of requests without credentials. */
export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Finds out who asks: by bearer token, else by client certificate, else nobody; then whom they stand in for. Throws 401. */
export function authenticate(request: IncomingMessage, readToken: TokenReader): User {
  return impersonated(request, credentialsOf(request, readToken));
}

function credentialsOf(request: IncomingMessage, readToken: TokenReader): User {
  const [scheme = '', token = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() === 'bearer' && token !== '') {
    const user = readToken(token);
    if (user === undefined) throw unauthorized();
    return authenticated(user);
  }
  return certificateUser(request) ?? anonymous;
}

/** A client certificate names the user by its common name and the groups by its organizations. */
function certificateUser({ socket }: IncomingMessage): User | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const subject = socket.getPeerCertificate().subject as
    { CN?: string | string[]; O?: string | string[] } | undefined;
  if (subject?.CN === undefined) return undefined;
  const groups = subject.O === undefined ? [] : [subject.O].flat();
  return authenticated({ name: [subject.CN].flat()[0] ?? '', groups });
}

function authenticated(user: User): User {
  return { ...user, groups: [...user.groups, 'system:authenticated'] };
}

function impersonated({ headersDistinct }: IncomingMessage, user: User): User {
  const name = headersDistinct['impersonate-user']?.[0];
  if (name === undefined) refuseNameless(headersDistinct);
  if (name === undefined || user === anonymous) return user;
  const asked = (headersDistinct['impersonate-group'] ?? []).flatMap((value) => value.split(/,\s*/));
  const groups = asked.length > 0 ? asked : groupsOfAccount(name);
  const uid = headersDistinct['impersonate-uid']?.[0];
  const prefix = 'impersonate-extra-';
  const extra = Object.entries(headersDistinct)
    .filter(([header]) => header.startsWith(prefix))
    .map(([header, values = []]) => [unescaped(header.slice(prefix.length)), values] as const);
  return {
    ...authenticated({ name, groups }),
    ...(uid === undefined ? {} : { uid }),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

/** A service account comes with its groups, unless others are asked for. */
function groupsOfAccount(name: string): string[] {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name) ?? [];
  return namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** A key as it was meant; one that cannot be decoded is taken as it is. */
function unescaped(key: string): string {
  return isDecodable(key) ? decodeURIComponent(key) : key;
}

/** Throws 400 when somebody stands in for a group, or for a part of a user, without saying for whom. */
function refuseNameless(headers: IncomingMessage['headersDistinct']): void {
  const groups = headers['impersonate-group'] ?? [];
  const uid = headers['impersonate-uid']?.[0] ?? '';
  if (groups.length === 0 && uid === '') return;
  const shown = groups.length === 0 ? '[]string(nil)' : `[]string{${groups.map(goQuote).join(', ')}}`;
  throw badRequestError(
    `requested &user.DefaultInfo{Name:"", UID:${goQuote(uid)}, Groups:${shown}, Extra:map[string][]string(nil)} ` +
      'without impersonating a user name',
  );
}

function unauthorized(): ApiError {
  return new ApiError('Unauthorized', { code: 401, reason: 'Unauthorized' });
}
