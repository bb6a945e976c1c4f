# embed.cmake - writes a C file that holds files as arrays.
# cmake -DOUT=x.c "-DFILES=symbol=path;symbol=path" -P embed.cmake
set(text "/* made by tools/embed.cmake */\n#include \"sbx/embed.h\"\n")
foreach(pair ${FILES})
  string(REGEX MATCH "^([^=]+)=(.*)$" _ "${pair}")
  set(symbol ${CMAKE_MATCH_1})
  file(READ "${CMAKE_MATCH_2}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" hex "${hex}")
  string(APPEND text "const unsigned char ${symbol}[] = {\n${hex}};\nconst size_t ${symbol}_bytes = sizeof ${symbol};\n")
endforeach()
file(WRITE "${OUT}" "${text}")
