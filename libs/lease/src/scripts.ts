/**
 * Takes the lock if it is free and counts the term up. KEYS: lock, term. ARGV: token, ttl in ms. Gives the term, or 0
 * when somebody has the lock. A lock without an expiry, or with one ten times too long, is none of ours and is taken
 * over; a term that is no whole number below 2^53 starts at 1 again. Both are safe because the ledger, not this
 * number, decides who may write.
 */
export const acquireScript = `
local left = redis.call('PTTL', KEYS[1])
if left == -1 or left > 10 * tonumber(ARGV[2]) then redis.call('DEL', KEYS[1]) end
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
local term = redis.pcall('INCR', KEYS[2])
if type(term) ~= 'number' or term < 1 or term >= 9007199254740992 then
  redis.call('SET', KEYS[2], '1')
  term = 1
end
return term
`;

/** Keeps the lock for another ttl if the token still has it. KEYS: lock. ARGV: token, ttl in ms. Gives 1 or 0. */
export const renewScript = `
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

/** Frees the lock if the token still has it. KEYS: lock. ARGV: token. Gives 1 or 0. */
export const releaseScript = `
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;
