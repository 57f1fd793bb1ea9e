%% The line every Erlang contender ends with: work done, time taken, checksum, and further measurements.
-module(sample).
-export([print/3, print/4, elapsed_ns/1]).

print(Work, ElapsedNs, Check) -> print(Work, ElapsedNs, Check, []).

%% Extra is a list of {Name, Number}.
print(Work, ElapsedNs, Check, Extra) ->
    Fields = lists:join(",", [io_lib:format("\"~s\":~w", [Name, Value]) || {Name, Value} <- Extra]),
    io:format("{\"work\":~w,\"elapsedNs\":~w,\"check\":\"~w\",\"extra\":{~s}}~n", [Work, ElapsedNs, Check, Fields]),
    halt(0).

elapsed_ns(StartedAt) ->
    erlang:convert_time_unit(erlang:monotonic_time() - StartedAt, native, nanosecond).
