"""The Lua scripts that end a cart: it becomes part of a user's, or an order has had it. See scripts.py."""

from modules.cart.logic.scripts import script

# KEYS: the guest's cart, the user's cart as it will be (the one he has, or one to make), the user's key.
# ARGV: now, lifetime, expected versions, id of the second key, id of the cart he has or '', user, currency, prefix of
# carts, the most of a line, the most lines, the most codes, which cart's lines are kept; then for each line of the
# guest: variant, available, seen. Beside the cart: variants that came short; variant, quantity and seen of each line
# that gave way to the other cart; codes that did not fit in.
# 'again': what the caller looked at has changed since; nothing was written.
CLAIM = script("""
local now, lifetime, expected, id, there, user, currency, prefix = unpack(ARGV, 1, 8)
local most, most_lines, most_codes, rule = unpack(ARGV, 9, 12)
local guest, own = KEYS[1], KEYS[2]
if not exists(guest) then
  return {redis.call('HGET', guest, 'claimed_by') == user and 'claimed' or 'gone'}
end
local refusal = refuse(guest, expected)
if refusal then return refusal end

local current = redis.call('GET', KEYS[3])
if not current or not exists(prefix .. current) then current = '' end
if current ~= there then return {'again'} end
local had_before = current ~= '' and variants_of(prefix .. current) or {}
local brought = variants_of(guest)
local guest_wins = rule == 'keep_guest' and #brought > 0
local user_wins = rule == 'keep_mine' and #had_before > 0
if current ~= id and #had_before > 0 and not guest_wins then return {'again'} end
local known = {}
for i = 13, #ARGV, 3 do known[ARGV[i]] = true end
for _, variant in ipairs(brought) do if not known[variant] then return {'again'} end end

local gave_way = {}
local function give_way(key, variant)
  for _, part in ipairs({variant, quantity_of(key, variant), redis.call('HGET', key, 'seen:' .. variant)}) do
    gave_way[#gave_way + 1] = part
  end
end
local lines = #had_before
if guest_wins then
  lines = 0
  for _, variant in ipairs(had_before) do
    give_way(prefix .. current, variant)
    drop(prefix .. current, variant)
  end
end
if current ~= id then
  local codes = current ~= '' and codes_of(prefix .. current) or {}
  if current ~= '' then redis.call('DEL', prefix .. current) end
  create(own, KEYS[3], id, user, currency, lifetime)
  for _, code in ipairs(codes) do put_code(own, code) end
end
local short = {}
for i = 13, #ARGV, 3 do
  local variant, added = ARGV[i], quantity_of(guest, ARGV[i])
  if user_wins then
    if added > 0 then give_way(guest, variant) end
  else
    local had = quantity_of(own, variant)
    -- Stock caps what is added; what the user's cart held already is not taken from it.
    local wanted = math.min(had + added, tonumber(most), math.max(tonumber(ARGV[i + 1]), had))
    if had == 0 and lines >= tonumber(most_lines) then wanted = 0 end
    if wanted > had then
      if had == 0 then lines = lines + 1 end
      put(own, variant, wanted, had > 0 and redis.call('HGET', own, 'seen:' .. variant) or ARGV[i + 2])
    end
    if wanted < had + added then short[#short + 1] = variant end
  end
end
local codes, left_out = #codes_of(own), {}
for _, code in ipairs(codes_of(guest)) do
  if redis.call('HEXISTS', own, 'code:' .. code) == 1 then
    -- It is there already.
  elseif codes < tonumber(most_codes) then
    put_code(own, code)
    codes = codes + 1
  else
    left_out[#left_out + 1] = code
  end
end
redis.call('DEL', guest)
redis.call('HSET', guest, 'claimed_by', user)
redis.call('EXPIRE', guest, lifetime)
local reply = changed(own, KEYS[3], now, lifetime)
reply[3], reply[4], reply[5] = short, gave_way, left_out
return reply
""")

# KEYS: the cart, its successor, its owner's key. ARGV: now, lifetime, the cart's id, the successor's id; then for each
# line of the order: variant, quantity.
CLOSE = script("""
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
