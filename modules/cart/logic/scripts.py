"""Every change of a cart is one of these Lua scripts; Redis runs them one after the other, so no change is lost.

A cart is a hash: id, version, currency, owner (a user's cart), changed_at (milliseconds), for each line
quantity:<variant>, place:<variant> (its turn) and seen:<variant>, and for each coupon code:<code> (its turn). A hash
without a version is what is left of a cart: claimed_by (the user who took it over) or moved_to (the cart that got what
was not ordered).

Expected versions are " 3 4 ", or "" where any will do. Nothing newer than Redis 6.2. Some keys are found in others, so
a Redis Cluster will not do.
"""

from redis.commands.core import Script

_PRELUDE = """
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

local function changed(key, owner_key, now, lifetime)
  redis.call('HINCRBY', key, 'version', 1)
  redis.call('HSET', key, 'changed_at', now)
  redis.call('EXPIRE', key, lifetime)
  if owner_key then redis.call('EXPIRE', owner_key, lifetime) end
  return {'done', redis.call('HGETALL', key)}
end

local function create(key, owner_key, id, owner, currency, lifetime)
  redis.call('HSET', key, 'id', id, 'version', 0, 'currency', currency)
  if owner_key then
    redis.call('HSET', key, 'owner', owner)
    redis.call('SET', owner_key, id, 'EX', lifetime)
  end
end
"""


def _script(body: str) -> Script:
    return Script(None, (_PRELUDE + body).encode())  # type: ignore[arg-type]  # the client comes with each call


# KEYS: the owner's key. ARGV: prefix of carts.
FIND_OWN = _script("""
local id = redis.call('GET', KEYS[1])
if not id or not exists(ARGV[1] .. id) then return {'gone'} end
return {'done', redis.call('HGETALL', ARGV[1] .. id)}
""")

# KEYS: the new cart, its owner's key where it has one. ARGV: now, lifetime, id, owner, currency, prefix of carts.
OPEN = _script("""
local now, lifetime, id, owner, currency, prefix = unpack(ARGV)
local own = KEYS[2] and redis.call('GET', KEYS[2])
if own and exists(prefix .. own) then return {'done', redis.call('HGETALL', prefix .. own)} end
create(KEYS[1], KEYS[2], id, owner, currency, lifetime)
return changed(KEYS[1], KEYS[2], now, lifetime)
""")

# KEYS: the cart, its owner's key. ARGV: now, lifetime, expected versions, variant, quantity, seen, available,
# the most of a line, the most lines.
ADD = _script("""
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
SET = _script("""
local now, lifetime, expected, variant, quantity, seen = unpack(ARGV)
local refusal = refuse(KEYS[1], expected)
if refusal then return refusal end
if quantity_of(KEYS[1], variant) == 0 then return {'absent'} end
put(KEYS[1], variant, quantity, seen)
return changed(KEYS[1], KEYS[2], now, lifetime)
""")

# KEYS: the cart, its owner's key. ARGV: now, lifetime, expected versions, variant.
REMOVE = _script("""
local now, lifetime, expected, variant = unpack(ARGV)
local refusal = refuse(KEYS[1], expected)
if refusal then return refusal end
if quantity_of(KEYS[1], variant) == 0 then return {'done', redis.call('HGETALL', KEYS[1])} end
drop(KEYS[1], variant)
return changed(KEYS[1], KEYS[2], now, lifetime)
""")

# KEYS: the cart, its owner's key. ARGV: now, lifetime, expected versions, code, the most codes.
ADD_CODE = _script("""
local now, lifetime, expected, code, most = unpack(ARGV)
local refusal = refuse(KEYS[1], expected)
if refusal then return refusal end
if redis.call('HEXISTS', KEYS[1], 'code:' .. code) == 1 then return {'done', redis.call('HGETALL', KEYS[1])} end
if #codes_of(KEYS[1]) >= tonumber(most) then return {'full_of_codes'} end
put_code(KEYS[1], code)
return changed(KEYS[1], KEYS[2], now, lifetime)
""")

# KEYS: the cart, its owner's key. ARGV: now, lifetime, expected versions, code.
REMOVE_CODE = _script("""
local now, lifetime, expected, code = unpack(ARGV)
local refusal = refuse(KEYS[1], expected)
if refusal then return refusal end
if redis.call('HDEL', KEYS[1], 'code:' .. code) == 0 then return {'done', redis.call('HGETALL', KEYS[1])} end
return changed(KEYS[1], KEYS[2], now, lifetime)
""")

# KEYS: the cart, its owner's key. ARGV: expected versions, the cart's id.
DISCARD = _script("""
local refusal = refuse(KEYS[1], ARGV[1])
if refusal then return refusal end
redis.call('DEL', KEYS[1])
if KEYS[2] and redis.call('GET', KEYS[2]) == ARGV[2] then redis.call('DEL', KEYS[2]) end
return {'done', {}}
""")

# KEYS: the guest's cart, the user's cart as it will be (the one he has, or one to make), the user's key.
# ARGV: now, lifetime, expected versions, id of the second key, id of the cart he has or '', user, currency, prefix of
# carts, the most of a line, the most lines; then for each line of the guest: variant, available, seen.
# 'again': what the caller looked at has changed since; nothing was written.
CLAIM = _script("""
local now, lifetime, expected, id, there, user, currency, prefix, most, most_lines = unpack(ARGV, 1, 10)
local guest, own = KEYS[1], KEYS[2]
if not exists(guest) then
  return {redis.call('HGET', guest, 'claimed_by') == user and 'claimed' or 'gone'}
end
local refusal = refuse(guest, expected)
if refusal then return refusal end

local current = redis.call('GET', KEYS[3])
if not current or not exists(prefix .. current) then current = '' end
if current ~= there then return {'again'} end
local lines = current ~= '' and #variants_of(prefix .. current) or 0
if current ~= id and lines > 0 then return {'again'} end
local known = {}
for i = 11, #ARGV, 3 do known[ARGV[i]] = true end
for _, variant in ipairs(variants_of(guest)) do if not known[variant] then return {'again'} end end

if current ~= id then
  if current ~= '' then redis.call('DEL', prefix .. current) end
  create(own, KEYS[3], id, user, currency, lifetime)
end
local reduced = {}
for i = 11, #ARGV, 3 do
  local variant, added = ARGV[i], quantity_of(guest, ARGV[i])
  local had = quantity_of(own, variant)
  -- Stock caps what is added; what the user's cart held already is not taken from it.
  local wanted = math.min(had + added, tonumber(most), math.max(tonumber(ARGV[i + 1]), had))
  if had == 0 and lines >= tonumber(most_lines) then wanted = 0 end
  if wanted > had then
    if had == 0 then lines = lines + 1 end
    put(own, variant, wanted, had > 0 and redis.call('HGET', own, 'seen:' .. variant) or ARGV[i + 2])
  end
  if wanted < had + added then reduced[#reduced + 1] = variant end
end
for _, code in ipairs(codes_of(guest)) do
  if redis.call('HEXISTS', own, 'code:' .. code) == 0 then put_code(own, code) end
end
redis.call('DEL', guest)
redis.call('HSET', guest, 'claimed_by', user)
redis.call('EXPIRE', guest, lifetime)
local reply = changed(own, KEYS[3], now, lifetime)
reply[3] = reduced
return reply
""")

# KEYS: the cart, its successor, its owner's key. ARGV: now, lifetime, the cart's id, the successor's id; then for each
# line of the order: variant, quantity.
CLOSE = _script("""
local now, lifetime, id, successor = unpack(ARGV, 1, 4)
local old, new, owner_key = KEYS[1], KEYS[2], KEYS[3]
if not exists(old) then return {'gone'} end
for i = 5, #ARGV, 2 do
  local left = quantity_of(old, ARGV[i]) - tonumber(ARGV[i + 1])
  if left > 0 then redis.call('HSET', old, 'quantity:' .. ARGV[i], left) else drop(old, ARGV[i]) end
end
if #variants_of(old) == 0 then
  redis.call('DEL', old)
  if owner_key and redis.call('GET', owner_key) == id then redis.call('DEL', owner_key) end
  return {'done', {}}
end
-- The order has had them; what is left is another cart.
for _, code in ipairs(codes_of(old)) do redis.call('HDEL', old, 'code:' .. code) end
redis.call('RENAME', old, new)
redis.call('HSET', new, 'id', successor, 'version', 0)
if owner_key then
  redis.call('SET', owner_key, successor, 'EX', lifetime)
else
  redis.call('HSET', old, 'moved_to', successor)
  redis.call('EXPIRE', old, lifetime)
end
return changed(new, owner_key, now, lifetime)
""")
