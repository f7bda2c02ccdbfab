package io.djlnpu.template;

import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.Range;
import io.djlnpu.template.Value.Text;
import io.djlnpu.template.Value.Undefined;
import io.djlnpu.template.Value.View;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** What can be gone through, counted, indexed and cut. */
final class Sequences {

    private Sequences() {}

    /** Goes through a value as a loop does; null if that cannot be done. */
    static Iterator<Value> iteratorOrNull(Value value, Budget budget) {
        return switch (value) {
            case Text text -> {
                budget.items(text.string().length());
                yield Texts.characters(text.string()).iterator();
            }
            case Items items -> items.list().iterator();
            case Dict dict -> dict.map().keySet().iterator();
            case Range range ->
                    LongStream.range(0, range.length())
                            .mapToObj(i -> (Value) Int.of(range.start() + i * range.step()))
                            .iterator();
            case View view -> list(view, budget).iterator();
            case Value.Stream stream -> stream.values();
            case Undefined undefined -> List.<Value>of().iterator();
            case Loop loop -> loop.rest();
            case Value.LoopState other -> null;
            case Value.None none -> null;
            case Value.Number number -> null;
            case Value.Namespace namespace -> null;
            case Value.Function function -> null;
            case Value.Cycler cycler -> null;
            case Value.Callable callable -> null;
        };
    }

    static Iterator<Value> iterator(Value value, Budget budget) {
        Iterator<Value> values = iteratorOrNull(value, budget);
        if (values == null) {
            throw TemplateException.value("a " + Types.name(value) + " cannot be iterated over");
        }
        return values;
    }

    static List<Value> list(Value value, Budget budget) {
        return switch (value) {
            case Items items -> items.list();
            case View view -> view(view, budget);
            default -> {
                List<Value> all = new ArrayList<>();
                Iterator<Value> values = iterator(value, budget);
                while (values.hasNext()) {
                    budget.items(1);
                    all.add(values.next());
                }
                yield all;
            }
        };
    }

    private static List<Value> view(View view, Budget budget) {
        Map<Value, Value> map = view.dict().map();
        budget.items(map.size());
        return switch (view.of()) {
            case KEYS -> List.copyOf(map.keySet());
            case VALUES -> List.copyOf(map.values());
            case ITEMS ->
                    map.entrySet().stream()
                            .map(e -> (Value) Items.tuple(e.getKey(), e.getValue()))
                            .toList();
        };
    }

    /** Python's {@code len}; -1 for what has none. */
    static long lengthOrNone(Value value) {
        return switch (value) {
            case Text text -> Texts.length(text.string());
            case Items items -> items.list().size();
            case Dict dict -> dict.map().size();
            case Range range -> range.length();
            case View view -> view.dict().map().size();
            case Undefined undefined -> 0;
            case Loop loop -> loop.length();
            default -> -1;
        };
    }

    static long length(Value value) {
        long length = lengthOrNone(value);
        if (length < 0) {
            throw TemplateException.value("a " + Types.name(value) + " has no length");
        }
        return length;
    }

    /** An index as Python takes it; null if the value is none. */
    static BigInteger index(Value value) {
        return value instanceof Value.Number number ? Numbers.integer(number) : null;
    }

    /** The element at an index, negative from the end; null if there is none. */
    static Value at(Value value, BigInteger index) {
        long length = lengthOrNone(value);
        if (index.bitLength() > 62) {
            return null;
        }
        long at = index.longValue() < 0 ? index.longValue() + length : index.longValue();
        if (at < 0 || at >= length) {
            return null;
        }
        return switch (value) {
            case Text text -> text.like(Texts.sub(text.string(), (int) at, (int) at + 1));
            case Items items -> items.list().get((int) at);
            case Range range -> Int.of(range.start() + at * range.step());
            default -> null;
        };
    }

    /** Python's {@code value[start:stop:step]}; parts that are null are left out. */
    static Value slice(Value value, Value start, Value stop, Value step, Budget budget) {
        if (value instanceof Undefined undefined) {
            throw undefined.used();
        }
        if (!(value instanceof Text || value instanceof Items || value instanceof Range)) {
            throw TemplateException.value("a " + Types.name(value) + " cannot be sliced");
        }
        long by = bound(step, 1);
        if (by == 0) {
            throw TemplateException.value("a slice's step is zero");
        }
        long length = length(value);
        long lowest = by > 0 ? 0 : -1;
        long highest = by > 0 ? length : length - 1;
        long from = clamp(start, by > 0 ? lowest : highest, length, lowest, highest);
        long to = clamp(stop, by > 0 ? highest : lowest, length, lowest, highest);
        Range taken = new Range(from, to, by);
        return switch (value) {
            case Text text -> {
                budget.text(taken.length());
                yield text.like(cut(text.string(), taken));
            }
            case Items items -> {
                budget.items(taken.length());
                List<Value> part =
                        LongStream.range(0, taken.length())
                                .mapToObj(i -> items.list().get((int) (from + i * by)))
                                .toList();
                yield new Items(part, items.isTuple() ? Value.Kind.TUPLE : Value.Kind.LIST);
            }
            case Range range ->
                    new Range(
                            range.start() + from * range.step(),
                            range.start() + to * range.step(),
                            range.step() * by);
            default -> throw new IllegalStateException();
        };
    }

    private static String cut(String text, Range taken) {
        if (taken.step() == 1) {
            return Texts.sub(text, (int) taken.start(), (int) taken.stop());
        }
        int[] all = text.codePoints().toArray();
        StringBuilder part = new StringBuilder();
        for (long i = 0; i < taken.length(); i++) {
            part.appendCodePoint(all[(int) (taken.start() + i * taken.step())]);
        }
        return part.toString();
    }

    private static long clamp(Value given, long absent, long length, long lowest, long highest) {
        if (given == null || given == Value.None.NONE) {
            return absent;
        }
        long at = bound(given, 0);
        return Math.clamp(at < 0 ? at + length : at, lowest, highest);
    }

    private static long bound(Value value, long absent) {
        if (value == null || value == Value.None.NONE) {
            return absent;
        }
        if (value instanceof Undefined undefined) {
            throw TemplateException.value(
                    "slice indices must be integers, found an undefined value");
        }
        BigInteger index = index(value);
        if (index == null) {
            throw TemplateException.value(
                    "slice indices must be integers, found a " + Types.name(value));
        }
        long far = 1L << 40;
        return index.bitLength() > 40 ? (index.signum() < 0 ? -far : far) : index.longValue();
    }

    /** Python's {@code part in whole}. */
    static boolean contains(Value whole, Value part, Budget budget) {
        return switch (whole) {
            case Text text -> {
                if (!(part instanceof Text sought)) {
                    throw TemplateException.value(
                            "'in <string>' requires a string, found a " + Types.name(part));
                }
                budget.work(text.string().length() >> 4);
                yield text.string().contains(sought.string());
            }
            case Dict dict -> dict.map().containsKey(Types.hashable(part));
            case View view ->
                    view.of() == View.Of.KEYS
                            ? view.dict().map().containsKey(Types.hashable(part))
                            : holds(view, part, budget);
            default -> holds(whole, part, budget);
        };
    }

    private static boolean holds(Value whole, Value part, Budget budget) {
        Iterator<Value> values = iterator(whole, budget);
        while (values.hasNext()) {
            budget.step();
            if (values.next().equals(part)) {
                return true;
            }
        }
        return false;
    }

    /** Python's truth of a value. */
    static boolean isTrue(Value value) {
        return switch (value) {
            case Value.None none -> false;
            case Bool truth -> truth.is();
            case Int integer -> integer.value().signum() != 0;
            case Value.Real real -> real.value() != 0;
            default -> lengthOrNone(value) != 0;
        };
    }
}
