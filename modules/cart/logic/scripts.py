"""Every change of a cart is one of these Lua scripts; Redis runs them one after the other, so no change is lost.

A cart is a hash: id, version, currency, owner (a user's cart), changed_at (milliseconds), for each line
quantity:<variant>, place:<variant> (its turn) and seen:<variant>, and for each coupon code:<code> (its turn). A hash
without a version is what is left of a cart: claimed_by (the user who took it over) or moved_to (the cart that got what
was not ordered). What becomes of carts that end in others is in merging_scripts.py.

Expected versions are " 3 4 ", or "" where any will do. Nothing newer than Redis 6.2. Some keys are found in others, so
a Redis Cluster will not do.
"""

from redis.commands.core import Script

# The users whose carts have changed since they were last written to PostgreSQL, each with the turn of its last change.
UNSAVED_KEY = "shop:carts-unsaved"

_PRELUDE = f"""
local UNSAVED, TURNS = '{UNSAVED_KEY}', 'shop:carts-turn'
"""
_PRELUDE += """
local function exists(key) return redis.call('HEXISTS', key, 'version') == 1 end

local function refuse(key, expected)
  if not exists(key) then return {'gone'} end
  local version = redis.call('HGET', key, 'version')
  if expected ~= '' and not string.find(expected, ' ' .. version .. ' ', 1, true) then return {'stale', version} end
end

local function quantity_of(key, variant) return tonumber(redis.call('HGET', key, 'quantity:' .. variant) or '0') end

local function variants_of(key)
  local variants = {}
  for _, name in ipairs(redis.call('HKEYS', key)) do
    if string.sub(name, 1, 9) == 'quantity:' then variants[#variants + 1] = string.sub(name, 10) end
  end
  return variants
end

local function codes_of(key)
  local codes = {}
  for _, name in ipairs(redis.call('HKEYS', key)) do
    if string.sub(name, 1, 5) == 'code:' then codes[#codes + 1] = string.sub(name, 6) end
  end
  return codes
end

local function put_code(key, code)
  redis.call('HSET', key, 'code:' .. code, redis.call('HINCRBY', key, 'places', 1))
end

local function put(key, variant, quantity, seen)
  if quantity_of(key, variant) == 0 then
    redis.call('HSET', key, 'place:' .. variant, redis.call('HINCRBY', key, 'places', 1))
  end
  redis.call('HSET', key, 'quantity:' .. variant, quantity, 'seen:' .. variant, seen)
end

local function drop(key, variant)
  redis.call('HDEL', key, 'quantity:' .. variant, 'place:' .. variant, 'seen:' .. variant)
end

local function renew(key, owner_key, lifetime)
  redis.call('EXPIRE', key, lifetime)
  if owner_key then
    redis.call('EXPIRE', owner_key, lifetime)
    redis.call('ZADD', UNSAVED, redis.call('INCR', TURNS), redis.call('HGET', key, 'owner'))
  end
  return {'done', redis.call('HGETALL', key)}
end

local function changed(key, owner_key, now, lifetime)
  redis.call('HINCRBY', key, 'version', 1)
  redis.call('HSET', key, 'changed_at', now)
  return renew(key, owner_key, lifetime)
end

local function create(key, owner_key, id, owner, currency, lifetime)
  redis.call('HSET', key, 'id', id, 'version', 0, 'currency', currency)
  if owner_key then
    redis.call('HSET', key, 'owner', owner)
    redis.call('SET', owner_key, id, 'EX', lifetime)
  end
end
"""


def script(body: str) -> Script:
    return Script(None, (_PRELUDE + body).encode())  # type: ignore[arg-type]  # the client comes with each call


# KEYS: the owner's key. ARGV: prefix of carts.
FIND_OWN = script("""
local id = redis.call('GET', KEYS[1])
if not id or not exists(ARGV[1] .. id) then return {'gone'} end
return {'done', redis.call('HGETALL', ARGV[1] .. id)}
""")

# KEYS: the new cart, its owner's key where it has one. ARGV: now, lifetime, id, owner, currency, prefix of carts.
OPEN = script("""
local now, lifetime, id, owner, currency, prefix = unpack(ARGV)
local own = KEYS[2] and redis.call('GET', KEYS[2])
if own and exists(prefix .. own) then return {'done', redis.call('HGETALL', prefix .. own)} end
create(KEYS[1], KEYS[2], id, owner, currency, lifetime)
return changed(KEYS[1], KEYS[2], now, lifetime)
""")

# A cart that the owner has by now stays. KEYS: the cart, its owner's key. ARGV: changed_at, what is left of its
# lifetime, prefix of carts, id, owner, currency, version, how many lines; for each line variant, quantity, seen; codes.
RESTORE = script("""
local changed_at, lifetime, prefix, id, owner, currency, version, lines = unpack(ARGV, 1, 8)
local own = redis.call('GET', KEYS[2])
if own and exists(prefix .. own) then return {'done', redis.call('HGETALL', prefix .. own)} end
create(KEYS[1], KEYS[2], id, owner, currency, lifetime)
local last = 8 + 3 * lines
for i = 9, last, 3 do put(KEYS[1], ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
for i = last + 1, #ARGV do put_code(KEYS[1], ARGV[i]) end
redis.call('HSET', KEYS[1], 'version', version, 'changed_at', changed_at)
return renew(KEYS[1], KEYS[2], lifetime)
""")

# ARGV: the most. The users whose carts wait longest to be saved, each with its turn.
UNSAVED = script("""
return {'done', redis.call('ZRANGE', UNSAVED, 0, ARGV[1] - 1, 'WITHSCORES')}
""")

# ARGV: for each user: id, the turn it was saved at. One whose cart has changed since goes on waiting.
SAVED = script("""
for i = 1, #ARGV, 2 do
  if redis.call('ZSCORE', UNSAVED, ARGV[i]) == ARGV[i + 1] then redis.call('ZREM', UNSAVED, ARGV[i]) end
end
return {'done', {}}
""")

# KEYS: the cart, its owner's key. ARGV: now, lifetime, expected versions, variant, quantity, seen, available,
# the most of a line, the most lines.
ADD = script("""
local now, lifetime, expected, variant, quantity, seen, available, most, most_lines = unpack(ARGV)
local refusal = refuse(KEYS[1], expected)
if refusal then return refusal end
local had = quantity_of(KEYS[1], variant)
local wanted = had + tonumber(quantity)
if wanted > tonumber(most) then return {'too_many', had} end
if wanted > tonumber(available) then return {'short', had} end
if had == 0 and #variants_of(KEYS[1]) >= tonumber(most_lines) then return {'full'} end
put(KEYS[1], variant, wanted, seen)
return changed(KEYS[1], KEYS[2], now, lifetime)
""")

# KEYS: the cart, its owner's key. ARGV: now, lifetime, expected versions, variant, quantity, seen.
SET = script("""
local now, lifetime, expected, variant, quantity, seen = unpack(ARGV)
local refusal = refuse(KEYS[1], expected)
if refusal then return refusal end
if quantity_of(KEYS[1], variant) == 0 then return {'absent'} end
put(KEYS[1], variant, quantity, seen)
return changed(KEYS[1], KEYS[2], now, lifetime)
""")

# KEYS: the cart, its owner's key. ARGV: now, lifetime, expected versions, variant.
REMOVE = script("""
local now, lifetime, expected, variant = unpack(ARGV)
local refusal = refuse(KEYS[1], expected)
if refusal then return refusal end
if quantity_of(KEYS[1], variant) == 0 then return {'done', redis.call('HGETALL', KEYS[1])} end
drop(KEYS[1], variant)
return changed(KEYS[1], KEYS[2], now, lifetime)
""")

# KEYS: the cart, its owner's key. ARGV: now, lifetime, expected versions, code, the most codes.
ADD_CODE = script("""
local now, lifetime, expected, code, most = unpack(ARGV)
local refusal = refuse(KEYS[1], expected)
if refusal then return refusal end
if redis.call('HEXISTS', KEYS[1], 'code:' .. code) == 1 then return {'done', redis.call('HGETALL', KEYS[1])} end
if #codes_of(KEYS[1]) >= tonumber(most) then return {'full_of_codes'} end
put_code(KEYS[1], code)
return changed(KEYS[1], KEYS[2], now, lifetime)
""")

# KEYS: the cart, its owner's key. ARGV: now, lifetime, expected versions, code.
REMOVE_CODE = script("""
local now, lifetime, expected, code = unpack(ARGV)
local refusal = refuse(KEYS[1], expected)
if refusal then return refusal end
if redis.call('HDEL', KEYS[1], 'code:' .. code) == 0 then return {'done', redis.call('HGETALL', KEYS[1])} end
return changed(KEYS[1], KEYS[2], now, lifetime)
""")

# KEYS: the cart, its owner's key. ARGV: expected versions, the cart's id.
DISCARD = script("""
local refusal = refuse(KEYS[1], ARGV[1])
if refusal then return refusal end
redis.call('DEL', KEYS[1])
if KEYS[2] and redis.call('GET', KEYS[2]) == ARGV[2] then redis.call('DEL', KEYS[2]) end
return {'done', {}}
""")
